"""Types of the fields that clients send and get, and days and moments as JSON has them."""

import re
import unicodedata
from datetime import (
    date,
    datetime,
    timezone,
)
from typing import (
    Annotated,
    Any,
    Optional,
    TypeVar,
)

from email_validator import validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from ..trainings.identifiers import (
    LONGEST_IDENTIFIER,
    normalise,
)
from .countries import (
    countries,
    Country,
    find_countries,
)
from .times import (
    FIRST_DATE,
    is_time_zone,
    LAST_DATE,
)

#: The largest number that PostgreSQL's columns for ids hold.
LAST_ID = 2**31 - 1
_KEPT_CONTROLS = frozenset("\n\r\t")


def _printable(value: str) -> str:
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in _KEPT_CONTROLS for c in value):
        raise ValueError("must not contain control characters")
    return value


def _one_line(value: str) -> str:
    if any(c in value for c in "\n\r\t\v\f\u2028\u2029"):
        raise ValueError("must be a single line")
    return value


def _identifier(value: str) -> str:
    identifier = normalise(value)
    if identifier is None:
        raise ValueError(
            "must consist of letters without accents, digits, hyphens and underscores, and begin with a letter or digit"
        )
    return identifier


def _country_codes(value: Any) -> Any:
    """Alpha-2 codes of what names a country, in a list or in a text such as ``DE, South Korea``."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, (list, tuple)):
        return value
    found: list[Any] = []
    for text in texts:
        found += find_countries(text) if isinstance(text, str) else [text]
    return [land.alpha2 if isinstance(land, Country) else land for land in found]


def _known_countries(value: list[str]) -> list[str]:
    unknown = [code for code in value if code not in countries()]
    if unknown:
        # A message must be something that can be sent, whatever was typed.
        named = ", ".join(name if name.isprintable() and len(name) < 60 else "…" for name in unknown[:3])
        raise ValueError(f"no country is called {named}")
    return list(dict.fromkeys(value))


def _time_zone(value: str) -> str:
    if not is_time_zone(value):
        raise ValueError("must be the name of a time zone such as Europe/Berlin or UTC")
    return value


def _plausible(value: date) -> date:
    if not FIRST_DATE <= value <= LAST_DATE:
        raise ValueError(f"must lie between {FIRST_DATE} and {LAST_DATE}")
    return value


def _moment(value: Any) -> datetime:
    try:
        # Python 3.10 does not know the Z.
        moment = datetime.fromisoformat(str(value).strip().replace("Z", "+00:00"))
        if moment.tzinfo:
            moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise ValueError("must be a date and a time, as in 2027-03-31 14:00") from None
    _plausible(moment.date())
    return moment


def web_address(text: str) -> Optional[str]:
    """The web address that this is, perhaps without ``https://``; ``None`` if it is none."""
    if re.match(r"https?://[^\s/]\S*\Z", text, re.IGNORECASE):
        return text
    if re.match(r"[\w-]+(?:\.[\w-]+)*\.[^\W\d_][\w-]+(?::\d+)?(?:[/?#]\S*)?\Z", text):
        return f"https://{text}"
    return None


def _web_address(value: str) -> str:
    address = web_address(value) if value else ""
    if address is None:
        raise ValueError("must be a web address, as in https://example.org")
    return address


def _not_null(value: Any) -> Any:
    if value is None:
        raise ValueError("must not be null; leave it out to keep it as it is")
    return value


class _PublishedWithoutNull:
    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        published = handler(schema)
        (value,) = (each for each in published.pop("anyOf") if each != {"type": "null"})
        return {**published, **value}


def is_email(text: str) -> bool:
    """Whether this can be an e-mail address that any mail server can write to; only a mail tells whether it is one.

    The domain may be an internationalised one (RFC 5890). What is before the @ must be ASCII: to other mailboxes only
    servers with SMTPUTF8 (RFC 6531) can write.
    """
    try:
        validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True)
    except ValueError:
        return False
    return True


def _email(value: str) -> str:
    if is_email(value):
        return value
    if not value.rpartition("@")[0].isascii():
        raise ValueError("must have plain letters and digits before the @: not every mail server can write to others")
    raise ValueError("must be an e-mail address")


T = TypeVar("T")
#: A field that need not be sent, and has no default: it is ``None`` then, which nobody can send.
MayBeLeftOut = Annotated[Optional[T], BeforeValidator(_not_null), _PublishedWithoutNull()]
Identifier = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_IDENTIFIER),
    AfterValidator(_identifier),
]
#: One line of text.
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=255), AfterValidator(_printable), AfterValidator(_one_line)
]
FilledLine = Annotated[Line, StringConstraints(min_length=1)]
#: Text of several lines.
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000), AfterValidator(_printable)]
#: What is looked for.
Words = Annotated[str, StringConstraints(max_length=255), AfterValidator(_printable)]
Email = Annotated[Line, AfterValidator(_email)]
WebAddress = Annotated[Line, AfterValidator(_web_address)]
#: A moment, naive UTC inside; without an offset it is UTC.
Moment = Annotated[datetime, BeforeValidator(_moment)]
Day = Annotated[date, AfterValidator(_plausible)]
TimeZone = Annotated[Line, AfterValidator(_time_zone)]
CountryCodes = Annotated[list[str], BeforeValidator(_country_codes), AfterValidator(_known_countries)]


def plain(value: Any) -> Any:
    """``2027-03-05`` for a day, ``2027-03-05T09:30:00Z`` for a moment (naive UTC); anything else stays as it is."""
    if isinstance(value, datetime):
        return f"{value.isoformat(timespec='seconds')}Z"
    return value.isoformat() if isinstance(value, date) else value


def all_plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in values.items()}


def _naive(time: datetime) -> datetime:
    return time.astimezone(timezone.utc).replace(tzinfo=None) if time.tzinfo else time


#: A moment as ISO 8601 in UTC; naive UTC inside.
UtcTime = Annotated[datetime, AfterValidator(_naive), PlainSerializer(plain, return_type=str)]


class Payload(BaseModel):
    """What a client sends: fields that do not exist are refused."""

    model_config = ConfigDict(extra="forbid")
