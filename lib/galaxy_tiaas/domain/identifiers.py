"""The short names of trainings, and the names of what Galaxy keeps for them."""

import re
import unicodedata
from typing import Optional

#: Role and group names keep this prefix so that existing job routing rules, dashboards and scripts
#: that look for ``training-*`` go on working.
COHORT_PREFIX = "training-"

#: Upper bound of the setting ``identifier_max_length`` and the width of the database column.
LONGEST_IDENTIFIER = 64

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
    return suggestion or (words[0][:max_length] if words else "")
