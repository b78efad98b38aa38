"""Tasks that other services submit through the queue instead of over HTTP."""

import jwt
from pydantic import ConfigDict, SecretStr, ValidationError

from ..exceptions import AuthenticationError, InvalidInputError, PermissionDeniedError
from ..exceptions.exchange import ConflictError, NotFoundError
from ..exceptions.messaging import RefusedMessageError
from ..interfaces.audit import AuditTrail
from ..interfaces.work import MessageHandler
from ..models.audit import AuditEntry
from ..models.identity import Identity, Permission
from ..models.messages import Message
from ..models.tasks import IdempotencyKey, TaskRequest
from ..utils.correlation import current_correlation_id
from ..utils.tenancy import DEFAULT_TENANT
from .admission import Admission
from .authentication import TokenService
from .tasks import TaskService

NO_TOOL = "There is no tool of that name for tasks."
NO_FIT = "The arguments do not fit the tool."


class Submission(TaskRequest):
    """The body of a message on the queue ``submissions``."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    token: SecretStr
    idempotency_key: IdempotencyKey


def sender(message: Message) -> tuple[object, object]:
    """Return the subject and the tenant that the message's token names, whatever the token is good for."""
    try:
        claims = jwt.decode(str(message.body.get("token")), options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return None, None
    return claims.get("sub"), claims.get("tenant", DEFAULT_TENANT)


class SubmissionHandler(MessageHandler):
    """Checks each message as a request over HTTP is checked, and makes a task of it."""

    def __init__(self, tasks: TaskService, tokens: TokenService, admission: Admission, audit: AuditTrail) -> None:
        self._tasks = tasks
        self._tokens = tokens
        self._admission = admission
        self._audit = audit

    async def handle(self, message: Message) -> None:
        """Submit the task; the key keeps a message that comes twice from making two."""
        submission = _submission(message)
        identity = self._identity(submission.token.get_secret_value())
        await self._admission.admit(identity)
        try:
            _, new = await self._tasks.submit(submission, identity, submission.idempotency_key)
        except (ConflictError, PermissionDeniedError) as error:
            raise RefusedMessageError(str(error)) from error
        except NotFoundError as error:
            raise RefusedMessageError(NO_TOOL) from error
        except InvalidInputError as error:
            raise RefusedMessageError(NO_FIT) from error
        self._record(identity, "accepted" if new else "repeated")

    async def delayed(self, message: Message, error: Exception) -> None:
        """Nothing was begun: there is nothing to do."""

    async def given_up(self, message: Message, error: Exception) -> None:
        """Nothing was begun: the dead letter tells."""

    def _identity(self, token: str) -> Identity:
        try:
            identity = self._tokens.authenticate(token)
        except AuthenticationError as error:
            raise RefusedMessageError(str(error)) from error
        if not identity.may(Permission.SUBMIT):
            self._record(identity, "denied")
            message = f"This needs the permission {Permission.SUBMIT}."
            raise RefusedMessageError(message)
        return identity

    def _record(self, identity: Identity, outcome: str) -> None:
        self._audit.record(
            AuditEntry(
                action=Permission.SUBMIT,
                subject=identity.subject,
                outcome=outcome,
                correlation_id=current_correlation_id(),
            )
        )


def _submission(message: Message) -> Submission:
    try:
        return Submission.model_validate(message.body)
    except ValidationError as error:
        wrong = {str(name) for item in error.errors() for name in item["loc"][:1]}
        named = sorted(wrong & set(Submission.model_fields))
        named += ["an unknown field"] if wrong - set(named) else []
        text = f"The message does not fit: {', '.join(named) or 'one of question and tool'}."
        raise RefusedMessageError(text) from error
