"""What a worker does with a message."""

from abc import ABC, abstractmethod

from ..models.messages import Message


class MessageHandler(ABC):
    """Works on the messages of one queue. The same message may come twice: doing it again must do no harm."""

    @abstractmethod
    async def handle(self, message: Message) -> None:
        """Do the work.

        Raises:
            InvalidInputError: It can never be done; the message is given up at once.
            Exception: It could not be done now; the message comes again, up to a number of attempts.
        """

    @abstractmethod
    async def delayed(self, message: Message, error: Exception) -> None:
        """Hear that an attempt failed and another one follows."""

    @abstractmethod
    async def given_up(self, message: Message, error: Exception) -> None:
        """Hear that the last attempt failed."""
