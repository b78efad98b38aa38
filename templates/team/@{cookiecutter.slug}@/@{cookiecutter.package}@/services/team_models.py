"""The models of the members."""

from ..config.agent_limits import AgentLimits
from ..config.llm_config import ModelConfig
from ..config.member_config import MemberConfig
from ..interfaces.model import LanguageModel
from .agent import build_models
from .deterministic_team import team_model
from .model_chain import ModelChain
from .observers import Observers
from .providers import build_model


def member_models(config: MemberConfig, limits: AgentLimits, observers: Observers) -> ModelChain:
    """Return a member's model and its fallback, each with a circuit breaker of its own.

    Raises:
        ConfigurationError: One of them lacks its key or its package.
    """

    def build(wanted: ModelConfig, timeout: float) -> LanguageModel:
        if wanted.provider == "deterministic":
            return team_model(config.agent_type, wanted.model)
        return build_model(wanted, timeout)

    return build_models(config.llm_config, limits, observers, build)
