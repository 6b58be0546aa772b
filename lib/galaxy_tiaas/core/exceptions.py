"""What can go wrong, as Galaxy's own exceptions: they carry an HTTP status and a sentence for the reader."""

from traceback import format_tb
from typing import Optional

from galaxy.exceptions import (
    Conflict,
    InsufficientPermissionsException,
    ItemAccessibilityException,
    MessageException,
    ObjectNotFound,
    RequestParameterInvalidException,
    UserRequiredException,
)
from galaxy.exceptions.error_codes import error_codes_by_name
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    PendingRollbackError,
    TimeoutError,
)

#: Codes of PostgreSQL.
_READ_ONLY, _IDLE_TOO_LONG = "25006", "25P03"
#: SQLite's code for SQL that cannot be run; Python knows it from 3.11 on.
_SQLITE_MISTAKE = 1
#: SQLAlchemy's code for whatever is asked of a session whose connection was lost.
_CONNECTION_LOST = "8s2b"


def describe(problem: Exception) -> str:
    """A problem in one line for the log, without the values that a query or a row had, which may be personal."""
    cause: BaseException = getattr(problem, "orig", None) or problem
    return f"{type(cause).__name__}: {' '.join(_said(cause).split())}"[:500]


def describe_for_log(problem: Exception) -> str:
    """The same; and unless the database is away, which is nobody's mistake, on further lines where it happened."""
    if database_is_away(problem):
        return describe(problem)
    return f"{describe(problem)}\n{''.join(format_tb(problem.__traceback__))}"


def database_is_away(problem: Exception) -> bool:
    """Whether the same request may succeed later: the database is away, locked, full, read-only or out of connections.

    PostgreSQL's code of a read-only transaction belongs to a class that SQLAlchemy calls an internal error. What a
    connection says that breaks is of any class. What SQLite calls an operational error may be a mistake of ours.
    """
    if isinstance(problem, PendingRollbackError):
        return problem.code == _CONNECTION_LOST
    if isinstance(problem, DBAPIError) and problem.connection_invalidated:
        return True
    if isinstance(problem, InternalError):
        return _code(problem.orig) in (_READ_ONLY, _IDLE_TOO_LONG)
    if isinstance(problem, OperationalError) and getattr(problem.orig, "sqlite_errorcode", None) == _SQLITE_MISTAKE:
        return False
    return isinstance(problem, (OperationalError, InterfaceError, TimeoutError))


def _code(cause: Optional[BaseException]) -> Optional[str]:
    """PostgreSQL's code of an error, as psycopg2 and psycopg have it."""
    return getattr(cause, "pgcode", None) or getattr(cause, "sqlstate", None)


def _said(cause: BaseException) -> str:
    """What a problem says of itself. SQLite names no values.

    PostgreSQL does in the message itself for the classes 22 (data) and 23 (integrity) of its error codes
    (https://www.postgresql.org/docs/current/errcodes-appendix.html), and in the details for all.
    """
    if isinstance(cause, PendingRollbackError):
        # It goes on with the whole first error.
        return str(cause).partition(" Original exception was:")[0]
    code, told = _code(cause), getattr(cause, "diag", None)
    if not code or told is None:
        return str(cause)
    if code[:2] in ("22", "23"):
        return " ".join(name for name in (code, told.table_name, told.column_name, told.constraint_name) if name)
    return told.message_primary or code


class TrainingNotFound(ObjectNotFound):
    """No training has this identifier, or the caller may not know that one has: nothing here may tell these apart."""

    def __init__(self, identifier: str):
        super().__init__(f"There is no training called '{identifier}' on this server, or it has not been approved yet.")


class TrainingRenamed(Exception):
    """The training is called otherwise now: a page sends its reader to the address with the new identifier."""

    def __init__(self, identifier: str):
        self.identifier = identifier
        super().__init__(identifier)


class NotInvited(ObjectNotFound):
    def __init__(self, identifier: str):
        super().__init__(
            f"You have no invitation to teach a training called '{identifier}'. It may have expired or been withdrawn."
        )


class IdentifierTaken(Conflict):
    def __init__(self, identifier: str):
        super().__init__(f"The identifier '{identifier}' is taken by another training. Please choose another one.")


class CohortNameTaken(Conflict):
    """What helps is what the admin panel of Galaxy offers for a group or role; who is deleted keeps the name."""

    def __init__(self, kind: str, name: str, *, deleted: bool = False):
        page = f"{kind.capitalize()}s"
        if deleted:
            what = f"A Galaxy {kind} called '{name}' is deleted, but keeps its name until it is purged"
            cure = f"In Galaxy's admin panel, {page}, search for is:deleted and purge it, or restore and rename it"
        else:
            what = f"A Galaxy {kind} called '{name}' exists already and was not made for this training"
            cure = f"In Galaxy's admin panel, {page}, rename it, or delete it and then purge it"
        super().__init__(f"{what}. {cure}; or give the training another identifier.")


class NoSuchTransition(Conflict):
    def __init__(self, identifier: str, current: str, target: str):
        end = " already" if current == target else f"; it cannot become {target}"
        super().__init__(f"The training '{identifier}' is {current}{end}.")


class ChangedMeanwhile(Conflict):
    def __init__(self, identifier: str):
        super().__init__(
            f"The training '{identifier}' has changed since you opened it, so nothing was saved."
            " Look at it as it is now, then try again."
        )


class NothingRequested(Conflict):
    def __init__(self, identifier: str):
        super().__init__(f"No change of the training '{identifier}' is waiting for a decision.")


class NotRunning(Conflict):
    def __init__(self, identifier: str, why: str):
        super().__init__(f"The training '{identifier}' {why}; only a training that is running can be ended early.")


class NotEndedEarly(Conflict):
    def __init__(self, identifier: str):
        super().__init__(
            f"The training '{identifier}' was not ended early, or its days are over meanwhile: it cannot be resumed."
            " To let it go on, choose another last day."
        )


class InvalidValue(RequestParameterInvalidException):
    """A value that the schema lets through is not possible here; ``field`` is where it belongs."""

    def __init__(self, field: str, message: str):
        self.field = field
        super().__init__(message)


class SourceUnreadable(RequestParameterInvalidException):
    def __init__(self, why: str):
        super().__init__(f"The source cannot be read: {why}.")


class ImportInterrupted(Conflict):
    def __init__(self) -> None:
        super().__init__("Somebody else made a training, group or role meanwhile. Nothing was changed; run it again.")


class NotYours(InsufficientPermissionsException):
    """The caller may not do this to that training."""


class LoginRequired(UserRequiredException):
    """Nobody is logged in; a page sends its visitor to Galaxy's login, and back."""

    def __init__(self) -> None:
        super().__init__("Please log in to Galaxy first.")


class AccountDeleted(ItemAccessibilityException):
    def __init__(self) -> None:
        super().__init__("This Galaxy account was deleted. Please log in with another account.")


class JoinTooEarly(ItemAccessibilityException):
    """The training cannot be joined yet."""


class TrainingOver(MessageException):
    """The training has ended or was cancelled: it cannot be joined any more."""

    status_code = 410
    err_code = error_codes_by_name["USER_CANNOT_ACCESS_ITEM"]


class TooLarge(MessageException):
    """More was sent than is ever needed."""

    status_code = 413
    err_code = error_codes_by_name["USER_REQUEST_INVALID_PARAMETER"]

    def __init__(self, most: int):
        """:param most: Bytes that are accepted."""
        super().__init__(f"This form is too large: at most {most // 1024} kB are accepted.")


class TooManyRequests(MessageException):
    """Somebody has done this too often; after some seconds they may do it again."""

    status_code = 429
    err_code = error_codes_by_name["USER_REQUEST_INVALID_PARAMETER"]

    def __init__(self, message: str, retry_after: int, *, field: str = ""):
        """
        :param retry_after: Seconds, which are sent as ``Retry-After``.
        :param field: The field of a form that asks for too much; empty: all of it.
        """
        super().__init__(message)
        self.retry_after = max(1, retry_after)
        self.field = field


class DatabaseAway(MessageException):
    """The database does not answer, has no connection left, or takes no changes."""

    status_code = 503
    err_code = error_codes_by_name["INTERNAL_SERVER_ERROR"]
    #: Seconds, which Galaxy sends as ``Retry-After``.
    retry_after = 60

    def __init__(self, message: str = "Galaxy cannot use its database at the moment. Try again in a minute.") -> None:
        super().__init__(message)


class ForgedRequest(InsufficientPermissionsException):
    def __init__(self) -> None:
        super().__init__("This request did not come from a page of this Galaxy server. Reload the page and try again.")


class UnmarkedRequest(InsufficientPermissionsException):
    """A change with a session cookie that a form of another site could have sent as well."""

    def __init__(self) -> None:
        super().__init__(
            "With a session cookie, send JSON (Content-Type: application/json) or the header X-Requested-With."
            " With an API key neither is needed."
        )


class NothingAsked(Conflict):
    def __init__(self, title: str, *, another: bool = False):
        super().__init__(
            "Your instructor has asked something else meanwhile."
            if another
            else f"Nothing is asked in the training '{title}' at the moment."
        )
