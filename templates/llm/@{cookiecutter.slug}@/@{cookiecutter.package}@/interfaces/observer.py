"""Those who look on while the agent works."""

from abc import ABC, abstractmethod

from ..models.events import Event


class Observer(ABC):
    """Is told what happens."""

    @abstractmethod
    def notify(self, event: Event) -> None:
        """Take note of an event; must not wait for anything.

        Raises:
            AgentError: The run must not go on; any other error is logged and forgotten.
        """
