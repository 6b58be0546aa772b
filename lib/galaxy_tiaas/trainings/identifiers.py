"""The short names of trainings, and the names of what Galaxy keeps for them."""

import re
import unicodedata
from collections.abc import (
    Iterable,
    Iterator,
)
from itertools import chain
from typing import Optional
from urllib.parse import unquote

#: Role and group names keep this prefix so that existing job routing rules, dashboards and scripts
#: that look for ``training-*`` go on working.
COHORT_PREFIX = "training-"

#: Upper bound of the setting ``identifier_max_length`` and the width of the database column.
LONGEST_IDENTIFIER = 64

#: Words with which no name should end.
_SMALL_WORDS = frozenset("a an and by for from in of on or the to with".split())

_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9_-]*\Z")


def normalise(text: str) -> Optional[str]:
    """The identifier that ``text`` stands for, or ``None`` if it can be none.

    Case does not matter. Characters outside ASCII are refused before the case is folded, because
    Unicode has letters whose lower case is an ASCII letter (``K``, the Kelvin sign).
    """
    if not text.isascii() or len(text) > LONGEST_IDENTIFIER:
        return None
    text = text.lower()
    return text if _IDENTIFIER.match(text) else None


def cohort_name(identifier: str) -> str:
    """The name of the Galaxy group and of the Galaxy role of a training."""
    return f"{COHORT_PREFIX}{identifier}"


def suggest(title: str, max_length: int) -> str:
    """An identifier made from a title: letters without accents, digits, words joined by hyphens.

    Empty if nothing usable is left.
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii").lower()
    words = re.findall(r"[a-z0-9]+", plain)
    suggestion = ""
    for word in words:
        longer = f"{suggestion}-{word}" if suggestion else word
        if len(longer) > max_length:
            break
        suggestion = longer
    while (shorter := suggestion.rpartition("-"))[2] in _SMALL_WORDS and shorter[0]:
        suggestion = shorter[0]
    return suggestion or (words[0][:max_length] if words else "")


def variants(base: str, max_length: int, year: Optional[int], numbers: Iterable[int] = range(2, 10)) -> Iterator[str]:
    """Names like ``base``, for when that is taken: first with the year, if that is known, then numbered.

    ``base`` is cut to fit, between two words where there are several.
    """
    for ending in chain([f"-{year}"] if year else [], (f"-{number}" for number in numbers)):
        start = base[: max_length - len(ending)]
        if start != base and "-" in start and base[len(start)] != "-":
            start = start.rpartition("-")[0]
        start = start.rstrip("-_")
        if start and not base.endswith(ending):
            yield f"{start}{ending}"


def identifier_in(text: str) -> str:
    """The identifier that somebody typed, or that is in the link which they put instead.

    ``https://galaxy.example.org/join-training/gryffindor/status?hours=3`` names ``gryffindor``.
    """
    path = unquote(re.split(r"[?#]", text, maxsplit=1)[0])
    if found := re.search(r"/(?:join-training|tiaas/(?:admin/)?trainings)/([^/]+)", path):
        return found[1].strip()
    return path.strip().rstrip("/").rsplit("/", 1)[-1]
