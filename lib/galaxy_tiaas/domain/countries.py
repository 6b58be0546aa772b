"""Countries by their ISO 3166-1 codes (names and codes from the ``iso3166`` package, MIT)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Optional

import iso3166


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
