"""Configuration: what is right is taken as it is, what is wrong is refused with its place."""

import string
from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ... import AGENT, ENV_PREFIX
from ...config.agent_config import AgentConfig
from ...config.limits import CommonLimits
from ...config.settings import PROJECT, Settings, load_settings
from ...exceptions import ConfigurationError
from ..fixtures.shipped import variables

COUNT = st.integers(1, 10**9)
SECONDS = st.floats(min_value=0.001, max_value=10**6)
FIELDS = {
    "timeout": SECONDS,
    "retries": st.integers(0, 100),
    "cache_enabled": st.booleans(),
    "cache_ttl": SECONDS,
    "cache_size": COUNT,
    "rate_limit": COUNT,
    "max_concurrency": COUNT,
    "breaker_threshold": COUNT,
    "breaker_cooldown": SECONDS,
}
LIMITS = st.fixed_dictionaries(FIELDS)
NUMBERS = sorted(set(FIELDS) - {"cache_enabled"})


@given(LIMITS)
def test_limits_are_what_they_were_given(values: dict[str, object]) -> None:
    limits = CommonLimits.model_validate(values)
    assert values.items() <= limits.model_dump().items()
    assert CommonLimits.model_validate(limits.model_dump()) == limits


@given(LIMITS, st.sampled_from(NUMBERS), st.sampled_from([-1, "many", None, [], float("nan")]))
def test_a_limit_that_makes_no_sense_is_refused_by_name(values: dict[str, object], name: str, wrong: object) -> None:
    with pytest.raises(ValidationError) as caught:
        CommonLimits.model_validate({**values, name: wrong})
    assert {error["loc"] for error in caught.value.errors()} == {(name,)}


@given(LIMITS, st.text(string.ascii_lowercase, min_size=1))
def test_a_limit_that_nobody_knows_is_refused(values: dict[str, object], name: str) -> None:
    unknown = f"{name}_limit_of_nothing"
    with pytest.raises(ValidationError, match=unknown):
        CommonLimits.model_validate({**values, unknown: 1})


@pytest.fixture(scope="module")
def shipped_config() -> dict[str, object]:
    (path,) = (PROJECT / "config" / "agents").glob("*-standard-v1.yaml")
    document = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    assert isinstance(document, dict)
    return document


@given(major=st.integers(0, 99), minor=st.integers(0, 99), claimed=st.integers(0, 99))
def test_an_id_and_its_version_agree(shipped_config: dict[str, object], major: int, minor: int, claimed: int) -> None:
    document = {**shipped_config, "agent_id": f"any-agent-v{claimed}", "version": f"{major}.{minor}.0"}
    if claimed == major:
        assert AgentConfig.model_validate(document).version == f"{major}.{minor}.0"
    else:
        with pytest.raises(ValidationError, match="contradicts"):
            AgentConfig.model_validate(document)


@pytest.fixture
def _own_environment() -> Iterator[None]:
    with variables():
        yield


@pytest.mark.usefixtures("_own_environment")
@given(seconds=SECONDS, concurrency=COUNT)
def test_the_environment_wins_over_the_file(seconds: float, concurrency: int) -> None:
    prefix = f"{ENV_PREFIX}AGENTS__{AGENT.upper()}__"
    with variables(**{f"{prefix}TIMEOUT": repr(seconds), f"{prefix}MAX_CONCURRENCY": str(concurrency)}):
        limits = load_settings(dotenv=None).limits
    assert (limits.timeout, limits.max_concurrency) == (seconds, concurrency)


@given(st.text(string.ascii_letters, min_size=1).filter(lambda name: name not in {"development", "load"}))
def test_an_environment_that_does_not_exist_is_refused(name: str) -> None:
    with variables(), pytest.raises(ConfigurationError):
        load_settings(dotenv=None, environment=f"{name}-x")


def test_settings_cannot_be_changed(settings: Settings) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        settings.log_level = "ERROR"  # type: ignore[misc]  # that is the point
