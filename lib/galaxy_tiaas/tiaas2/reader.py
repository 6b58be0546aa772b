"""Reads the database of a tiaas2, changes nothing there, and says in our words what a row of it says.

What Django wrote comes as the database has it: booleans are ``Y`` and ``N``, dates are dates in PostgreSQL and text in
SQLite, countries are one text.
"""

import sqlite3
import unicodedata
from collections.abc import (
    Collection,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from datetime import (
    date,
    datetime,
    time,
    timezone,
)
from functools import cache
from itertools import (
    chain,
    count,
)
from pathlib import Path
from typing import (
    Any,
    Optional,
)

from sqlalchemy import (
    column,
    create_engine,
    Engine,
    inspect,
    make_url,
    NullPool,
    select,
    table,
)
from sqlalchemy.exc import (
    ArgumentError,
    NoSuchModuleError,
    SQLAlchemyError,
)

from ..core.countries import (
    Country,
    find_countries,
)
from ..core.exceptions import SourceUnreadable
from ..core.fields import web_address
from ..core.times import (
    FIRST_DATE,
    LAST_DATE,
)
from ..privacy.scrubbing import Scrubber
from ..trainings.identifiers import (
    LONGEST_IDENTIFIER,
    normalise,
    suggest,
    variants,
)
from ..trainings.states import TrainingState

TABLE = "training_training"
#: Without these a row is no training.
NEEDED_COLUMNS = ("id", "training_identifier", "title", "start", "end", "processed")
#: Old versions lack some of these.
OTHER_COLUMNS = (
    *("received", "name", "email", "description", "website", "location", "use_gtn", "gtn_links", "non_gtn_links"),
    *("attendance", "advertise", "retain_contact", "blogpost", "other_requests"),
)

_STATES = {"UN": TrainingState.NEW, "AP": TrainingState.APPROVED, "RE": TrainingState.REJECTED}
_YES, _NO = frozenset({"y", "yes", "true", "t", "1"}), frozenset({"n", "no", "false", "f", "0", ""})
#: What tiaas2 has written, since 2020, in place of names and addresses: letters and digits of it, in lower case.
_REDACTED = frozenset({"redacted", "gdprredacted", "redactedexamplecom", "redactedexampleorg"})
#: Texts about the course: they stay, without the addresses in them.
_COURSE_TEXTS = ("title", "description", "website", "gtn_links", "non_gtn_links")
_MOST_ATTENDANCE = 100_000


@dataclass(frozen=True)
class OldRows:
    """The rows of a tiaas2 by id, and the columns that it does not have."""

    rows: Sequence[dict[str, Any]]
    absent_columns: Sequence[str]


def read(source: str) -> OldRows:
    """All rows of the source, an SQLAlchemy URL or the path of an SQLite file.

    :raises SourceUnreadable: if it cannot be read; the message holds no password.
    """
    engine = _engine(source)
    try:
        with engine.connect().execution_options(postgresql_readonly=True) as connection:
            inspector = inspect(connection)
            if not inspector.has_table(TABLE):
                raise SourceUnreadable(f"it has no table {TABLE}; is it the database of a tiaas2?")
            present = {found["name"] for found in inspector.get_columns(TABLE)}
            if missing := [name for name in NEEDED_COLUMNS if name not in present]:
                raise SourceUnreadable(f"its table {TABLE} lacks the columns {', '.join(missing)}")
            names = [name for name in (*NEEDED_COLUMNS, *OTHER_COLUMNS) if name in present]
            # Without types: what the database has is what the reader of rows wants.
            statement = select(*map(column, names)).select_from(table(TABLE)).order_by(column("id"))
            rows = [dict(row) for row in connection.execute(statement).mappings()]
    except (SQLAlchemyError, sqlite3.Error) as problem:
        raise SourceUnreadable(" ".join(str(getattr(problem, "orig", None) or problem).split())) from None
    finally:
        engine.dispose()
    return OldRows(rows, [name for name in OTHER_COLUMNS if name not in present])


def _engine(source: str) -> Engine:
    if "://" not in source:
        return _sqlite(source)
    if source.count("@") > 1:
        # Else a part of the password would count for the name of the host, which messages name.
        raise SourceUnreadable("an @ in the user name or the password of a URL is written %40")
    try:
        url = make_url(source.replace("postgres://", "postgresql://", 1))
        if url.get_backend_name() == "sqlite":
            if not url.database or url.database == ":memory:":
                raise SourceUnreadable("its URL names no file; sqlite:////a/path has four slashes")
            return _sqlite(url.database.removeprefix("file:"))
        return create_engine(url, poolclass=NullPool)
    except ArgumentError:
        raise SourceUnreadable("it is neither a file nor a URL as SQLAlchemy reads it") from None
    except (NoSuchModuleError, ModuleNotFoundError) as problem:
        raise SourceUnreadable(f"no driver for such a database is installed here ({problem})") from None
    except ValueError:
        raise SourceUnreadable("its URL has something else than a number for the port") from None


def _sqlite(path: str) -> Engine:
    file = Path(path)
    if not file.is_file():
        # SQLite would make an empty one.
        raise SourceUnreadable(f"{path}: {'is not a file' if file.exists() else 'no such file'}")
    address = f"{file.resolve().as_uri()}?mode=ro"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True)
        connection.text_factory = lambda text: text.decode("utf-8", errors="replace")
        return connection

    return create_engine("sqlite://", creator=connect, poolclass=NullPool)


class NotATraining(Exception):
    """A row cannot be taken; the message says why, without personal data."""


class UnusableIdentifier(NotATraining):
    """A row cannot be taken as it is called."""

    def __init__(self) -> None:
        super().__init__(
            f"an identifier here has letters without accents, digits, hyphens and underscores, {LONGEST_IDENTIFIER} at"
            " most, and begins with a letter or digit"
        )


@dataclass(frozen=True)
class OldTraining:
    """A row that can be taken. ``remarks`` say what was taken otherwise than it stands there."""

    row_id: int
    identifier: str
    #: As tiaas2 has it: the case of its letters may be another one.
    written: str
    state: TrainingState
    start: date
    end: date
    received: Optional[datetime]
    redacted: bool
    email: str
    #: The other fields that a training has here, by name.
    fields: dict[str, Any]
    location: list[str]
    remarks: tuple[str, ...]


def read_row(row: Mapping[str, Any]) -> OldTraining:
    """The training that a row describes.

    :raises NotATraining: if it cannot be one here.
    """
    remarks: list[str] = []
    written = _line(row["training_identifier"])
    identifier = normalise(written)
    if identifier is None:
        raise UnusableIdentifier()
    state = _STATES.get(_line(row["processed"]).upper())
    if state is None:
        raise NotATraining(f"it is neither new, approved nor rejected: {printable(row['processed'])}")
    start, end = _day(row, "start"), _day(row, "end")
    if end < start:
        raise NotATraining(f"it ends ({end}) before it starts ({start})")
    name, email = _line(row.get("name")), _line(row.get("email"))
    # One that is left beside a redacted one was not meant to stay.
    left = [value for value in (name, email) if value and not _is_redacted(value)]
    redacted = _is_redacted(name) or _is_redacted(email)
    if redacted:
        name = email = ""
    fields = {
        "title": _line(row["title"]) or identifier,
        "description": _text(row.get("description")),
        "name": name,
        "email": email,
        "website": _web_address(row, remarks),
        "use_gtn": _yes(row, "use_gtn", remarks),
        "gtn_links": _text(row.get("gtn_links")),
        "non_gtn_links": _text(row.get("non_gtn_links")),
        "attendance": _attendance(row, remarks),
        "advertise": _yes(row, "advertise", remarks),
        "blogpost": _yes(row, "blogpost", remarks),
        "retain_contact": _yes(row, "retain_contact", remarks),
        "other_requests": "" if redacted else _text(row.get("other_requests")),
    }
    if redacted:
        _scrub(fields, left, remarks)
    return OldTraining(
        row_id=row["id"],
        identifier=identifier,
        written=written,
        state=state,
        start=start,
        end=end,
        received=_moment(row.get("received")),
        redacted=redacted,
        email=email,
        fields=fields,
        location=_countries(row, remarks),
        remarks=tuple(remarks),
    )


def identifier_of(row: Mapping[str, Any]) -> Optional[str]:
    """What the training of a row is called here; ``None`` if it cannot be called so."""
    return normalise(_line(row["training_identifier"]))


def other_identifier(row: Mapping[str, Any], taken: Collection[str]) -> Optional[str]:
    """What it could be called instead that is not taken; ``None`` if nothing of its identifier can be used."""
    base = suggest(_line(row["training_identifier"]), LONGEST_IDENTIFIER)
    if not base:
        return None
    try:
        year: Optional[int] = _day(row, "start").year
    except NotATraining:
        year = None
    names = chain([base], variants(base, LONGEST_IDENTIFIER, year, count(2)))
    return next(name for name in names if name not in taken)


def printable(value: Any) -> str:
    """A value for a terminal: in quotes, short, without characters that would do something there."""
    text = "".join(c if c.isprintable() else "?" for c in str(value))
    return f"'{text[:LONGEST_IDENTIFIER]}{'…' if len(text) > LONGEST_IDENTIFIER else ''}'"


def _is_redacted(value: str) -> bool:
    """Whether a name or address is one that tiaas2 has taken away."""
    return "".join(filter(str.isalnum, value)).lower() in _REDACTED


def _scrub(fields: dict[str, Any], names: Sequence[str], remarks: list[str]) -> None:
    """Take out of the texts what redaction takes out here: all addresses, and who is still known."""
    scrubber = Scrubber(names, all_addresses=True) if names else _addresses()
    for name in _COURSE_TEXTS:
        scrubbed = scrubber.text(fields[name])
        if scrubbed != fields[name]:
            # An address with a hole leads nowhere.
            fields[name] = "" if name == "website" else scrubbed
            remarks.append(f"it is redacted: its {name} named somebody, who was taken out")


@cache
def _addresses() -> Scrubber:
    return Scrubber((), all_addresses=True)


def _text(value: Any) -> str:
    """Text without characters that have no place in it; PostgreSQL refuses some of them."""
    text = "" if value is None else str(value)
    return "".join(c for c in text if c in "\n\r\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def _line(value: Any) -> str:
    return " ".join(_text(value).split())


def _day(row: Mapping[str, Any], column: str) -> date:
    value = row[column]
    try:
        # The text of a date and a time begins with the date.
        day = value.date() if isinstance(value, datetime) else value
        day = day if isinstance(day, date) else date.fromisoformat(str(day)[:10])
    except ValueError:
        raise NotATraining(f"its {column} is not a date: {printable(value)}") from None
    if not FIRST_DATE <= day <= LAST_DATE:
        raise NotATraining(f"its {column} ({day}) lies outside {FIRST_DATE} to {LAST_DATE}")
    return day


def _moment(value: Any) -> Optional[datetime]:
    """Naive UTC; a day alone begins at midnight. ``None`` for what says nothing."""
    try:
        if not isinstance(value, (date, datetime)):
            # Python 3.10 does not know the Z.
            value = datetime.fromisoformat(str(value).strip().replace("Z", "+00:00"))
        moment = value if isinstance(value, datetime) else datetime.combine(value, time.min)
        return moment.astimezone(timezone.utc).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None


def _yes(row: Mapping[str, Any], column: str, remarks: list[str]) -> bool:
    answer = _line(row.get(column)).lower()
    if answer not in _YES | _NO:
        remarks.append(f"{column} is neither Y nor N: taken as N")
    return answer in _YES


def _attendance(row: Mapping[str, Any], remarks: list[str]) -> int:
    try:
        number = int(row.get("attendance") or 0)
    except (ValueError, TypeError):
        number = 0
    taken = min(max(number, 1), _MOST_ATTENDANCE)
    if taken != number:
        remarks.append(f"attendance {number} is taken as {taken}")
    return taken


def _web_address(row: Mapping[str, Any], remarks: list[str]) -> str:
    address = web_address(_line(row.get("website")) or "")
    if address is None and _line(row.get("website")):
        remarks.append("website is not the address of one: left out")
    return address or ""


def _countries(row: Mapping[str, Any], remarks: list[str]) -> list[str]:
    found = find_countries(_line(row.get("location")))
    unknown = dict.fromkeys(printable(name) for name in found if not isinstance(name, Country))
    if unknown:
        remarks.append(f"no country is called {', '.join(unknown)}: left out")
    return list(dict.fromkeys(land.alpha2 for land in found if isinstance(land, Country)))
