"""Engines for the store: PostgreSQL by psycopg, SQLite by aiosqlite."""

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Dialect, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from .. import ENV_PREFIX
from ..config.secrets import FixedSecret, Secret, given_secret
from ..config.store import StoreSettings
from ..exceptions import ConfigurationError
from .sqlite_connection import SqliteConnection

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
READS = "postgresql_readonly"
"""The execution option of a connection that only reads."""
RECYCLE_SECONDS = 1_800
NOTICE_SILENCE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000}
"""A server that vanished from the network ends no connection: it is given up after 25 s."""


def build_engine(settings: StoreSettings, state_dir: Path) -> AsyncEngine:
    """Return the engine; nothing is connected yet.

    Raises:
        ConfigurationError: The URL is missing, or is none.
    """
    secret = _url_secret(settings, state_dir)
    url = store_url(secret)
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, settings)
    return _postgresql(url, secret, settings)


def store_url(secret: Secret) -> URL:
    """Return the URL with the driver that is used here.

    Raises:
        ConfigurationError: It is no URL, or of a database that is not known here.
    """
    try:
        url = make_url(secret.value())
    except ArgumentError:
        message = f"{ENV_PREFIX}STORE__URL, or what its file holds, is no URL"
        raise ConfigurationError(message) from None  # the cause would show the password
    driver = DRIVERS.get(url.drivername, url.drivername)
    if driver not in DRIVERS.values():
        message = f"the store's URL must begin with postgresql:// or sqlite:///, not {url.drivername}://"
        raise ConfigurationError(message)
    return url.set(drivername=driver)


def reading(engine: AsyncEngine) -> AsyncEngine:
    """Return the engine for reading: nothing is written, and one state of the data is seen all the time."""
    if engine.dialect.name == "sqlite":  # its transactions see one state anyway
        return engine.execution_options(**{READS: True})
    return engine.execution_options(**{READS: True, "isolation_level": "REPEATABLE READ"})


def _url_secret(settings: StoreSettings, state_dir: Path) -> Secret:
    if (given := given_secret("STORE__URL", settings.url, settings.url_file)) is not None:
        return given
    if not settings.embedded:
        message = f"set {ENV_PREFIX}STORE__URL_FILE or {ENV_PREFIX}STORE__URL: this environment needs a server"
        raise ConfigurationError(message)
    return FixedSecret(f"sqlite:///{state_dir.absolute() / 'store.db'}")


def _postgresql(url: URL, secret: Secret, settings: StoreSettings) -> AsyncEngine:
    engine = create_async_engine(
        url,
        hide_parameters=True,  # in errors: they are what people wrote, or about them
        pool_size=settings.pool_size,
        max_overflow=settings.pool_overflow,
        pool_timeout=settings.pool_timeout,
        pool_pre_ping=True,
        pool_recycle=RECYCLE_SECONDS,
        connect_args={
            "sslmode": settings.tls,
            "sslrootcert": str(settings.tls_ca or "system") if settings.tls.startswith("verify") else None,
            "connect_timeout": settings.connect_timeout,
            **NOTICE_SILENCE,
            "options": f"-c statement_timeout={round(settings.statement_timeout * 1000)} -c timezone=UTC",
        },
    )

    @event.listens_for(engine.sync_engine, "do_connect")
    def with_current_secret(
        dialect: Dialect, _record: object, _arguments: list[Any], parameters: dict[str, Any]
    ) -> None:
        """Use the password as it is now, so that it can be changed without a restart."""
        _, current = dialect.create_connect_args(store_url(secret))
        parameters.update(current)

    return engine


def _sqlite(url: URL, settings: StoreSettings) -> AsyncEngine:
    engine = create_async_engine(
        url,
        hide_parameters=True,
        connect_args={
            "timeout": settings.statement_timeout,
            "isolation_level": None,  # SQLAlchemy says when a transaction begins, not the driver
            "factory": SqliteConnection,
        },
    )

    @event.listens_for(engine.sync_engine, "do_connect")
    def make_private(*_: object) -> None:
        if url.database and url.database != ":memory:":
            _touch_private(Path(url.database))

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get(READS, False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _touch_private(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        message = "unable to open database file"
        raise sqlite3.OperationalError(message) from error
