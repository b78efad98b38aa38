"""All settings."""

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """Read from the environment with the prefix SHOP_."""

    model_url: str = ""
    signing_key: str = ""
    model_timeout: float = 10.0
    requests_per_minute: int = 60
