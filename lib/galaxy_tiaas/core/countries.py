"""Countries by their ISO 3166-1 codes (names and codes from the ``iso3166`` package, MIT)."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Optional

import iso3166

#: What people write, and ISO 3166 does not.
_COMMON_NAMES = {"uk": "gb", "great britain": "gb", "united states": "us", "south korea": "kr", "czech republic": "cz"}


@dataclass(frozen=True)
class Country:
    """A country: ``alpha2``, ``alpha3`` and ``numeric`` are its ISO 3166-1 codes, ``name`` its English short name."""

    alpha2: str
    alpha3: str
    name: str
    numeric: Optional[str] = None


@lru_cache(maxsize=1)
def countries() -> dict[str, Country]:
    """All countries by alpha-2 code, in the order of their names."""
    found = (Country(c.alpha2, c.alpha3, c.apolitical_name, c.numeric) for c in iso3166.countries)
    return {c.alpha2: c for c in sorted(found, key=lambda c: c.name)}


def country(alpha2: str) -> Country:
    """The country with this code; an unknown code (an old import) stands for itself."""
    return countries().get(alpha2) or Country(alpha2, alpha2, alpha2)


def find_country(text: str) -> Optional[Country]:
    """The country meant by a code of two or three letters or by its English name, in any case."""
    return _by_any_name().get(text.strip().casefold())


@lru_cache(maxsize=1)
def _by_any_name() -> dict[str, Country]:
    found: dict[str, Country] = {}
    short = Counter(official.name.split(",")[0] for official in iso3166.countries)
    for official in iso3166.countries:
        land = countries()[official.alpha2]
        names = [land.alpha2, land.alpha3, land.name, official.name]
        if short[beginning := official.name.split(",")[0]] == 1:
            names.append(beginning)
        found.update((name.casefold(), land) for name in names)
    return {**{name: found[code] for name, code in _COMMON_NAMES.items()}, **found}
