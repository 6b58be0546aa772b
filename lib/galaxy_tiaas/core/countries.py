"""Countries by their ISO 3166-1 codes (the ``iso3166`` package, MIT) and by the names that people give them.

The names on pages are those of Unicode's CLDR (Babel, BSD), such as ``Vietnam`` where ISO 3166 has ``Viet Nam``.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import (
    Optional,
    Union,
)

import iso3166
from babel import Locale

#: Where the name in CLDR has more than the country's name, or leaves something out.
_NAMES = {
    "CD": "Democratic Republic of the Congo",
    "CG": "Republic of the Congo",
    "HK": "Hong Kong",
    "MM": "Myanmar",
    "MO": "Macao",
    "PS": "Palestine",
    "VC": "Saint Vincent and the Grenadines",
}
#: What people write besides, and what some countries call themselves.
_OTHER_NAMES = {
    "AE": "UAE; Emirates",
    "AG": "Antigua",
    "AR": "Argentine Republic",
    "AT": "Österreich",
    "AX": "Åland",
    "BA": "Bosnia",
    "BE": "België; Belgique; Belgien",
    "BG": "България",
    "BQ": "Bonaire; Sint Eustatius; Saba",
    "BR": "Brasil",
    "CD": "DR Congo; DRC; Democratic Congo; Zaire",
    "CH": "Schweiz; Suisse; Svizzera; Swiss Confederation",
    "CI": "Ivory Coast",
    "CN": "中国; PRC; PR China",
    "CZ": "Czech Republic; Česko; Česká republika",
    "DE": "Deutschland",
    "DK": "Danmark",
    "EE": "Eesti",
    "EG": "Arab Republic of Egypt",
    "ES": "España",
    "FI": "Suomi",
    "FO": "Faeroe Islands; Faroes",
    "FR": "French Republic",
    "GA": "Gabonese Republic",
    "GB": "UK; Great Britain; Britain; England; Scotland; Wales; Northern Ireland",
    "GN": "Guinea-Conakry",
    "GR": "Ελλάδα; Hellas; Hellenic Republic; EL",
    "GS": "South Georgia",
    "HK": "Hong Kong Special Administrative Region of China",
    "HR": "Hrvatska",
    "HU": "Magyarország",
    "IE": "Éire",
    "IN": "भारत; Bharat",
    "IT": "Italia; Italian Republic",
    "JP": "日本; Nippon",
    "KG": "Kyrgyz Republic",
    "KN": "Saint Kitts",
    "KP": "DPRK; DPR Korea",
    "KR": "ROK; 대한민국; 한국",
    "KY": "Caymans",
    "LA": "Lao; Lao PDR",
    "LB": "Lebanese Republic",
    "LT": "Lietuva",
    "LV": "Latvija",
    "MK": "Macedonia; FYROM; Former Yugoslav Republic of Macedonia",
    "MM": "Burma",
    "MO": "Macau; Macao Special Administrative Region of China",
    "MX": "United Mexican States",
    "NL": "Holland; Nederland",
    "NO": "Norge; Noreg",
    "PH": "Filipinas; Pilipinas",
    "PL": "Polska",
    "PS": "Occupied Palestinian Territory",
    "PT": "Portuguese Republic",
    "RE": "La Réunion",
    "RO": "România",
    "RS": "Srbija; Србија",
    "RU": "Россия",
    "RW": "Rwandese Republic",
    "SA": "KSA",
    "SE": "Sverige",
    "SH": "Ascension; Tristan da Cunha",
    "SI": "Slovenija",
    "SJ": "Svalbard; Jan Mayen",
    "SK": "Slovak Republic; Slovensko",
    "ST": "São Tomé",
    "SX": "Saint Maarten",
    "SZ": "Swaziland",
    "TG": "Togolese Republic",
    "TL": "East Timor",
    "TR": "Turkey",
    "TT": "Trinidad; Tobago",
    "TW": "Republic of China; 台灣; 臺灣; 台湾",
    "UA": "Україна",
    "US": "US; USA",
    "UY": "Eastern Republic of Uruguay",
    "VA": "Vatican; Holy See (Vatican City State)",
    "VI": "Virgin Islands of the United States",
    "ZA": "RSA",
}
#: Words that a name may have or lack.
_SMALL_WORDS = frozenset({"a", "and", "of", "the"})
_ABBREVIATIONS = {"dem": "democratic", "rep": "republic", "st": "saint"}
#: What may be said of a country besides its name, as in ``Federal Republic of Germany``.
_KINDS_OF_STATE = frozenset(
    "bolivarian commonwealth cooperative democratic duchy emirate federal federation federative grand hashemite"
    " independent islamic kingdom peoples plurinational principality republic socialist state sultanate union".split()
)
#: Elsewhere, and would be taken for a country.
_NO_COUNTRIES = frozenset({("georgia", "state")})
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ`´′."))
#: What separates countries, and occurs in the names of some.
_SEPARATOR = re.compile(r"[,;/|&+\n\t]|\sand\s", re.IGNORECASE)
#: Into how many parts separators cut a name: ``Saint Helena, Ascension and Tristan da Cunha``.
_MOST_PARTS = 3
#: More than all countries; what follows these is one piece.
_MOST_SEPARATORS = 500
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Country:
    """A country: ``alpha2``, ``alpha3`` and ``numeric`` are its ISO 3166-1 codes, ``name`` its usual English name."""

    alpha2: str
    alpha3: str
    name: str
    numeric: Optional[str] = None
    other_names: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def countries() -> dict[str, Country]:
    """All countries by alpha-2 code, in the order of their names."""
    found = map(_country, iso3166.countries)
    return {c.alpha2: c for c in sorted(found, key=lambda c: _folded(c.name))}


def country(alpha2: str) -> Country:
    """The country with this code; an unknown code (an old import) stands for itself."""
    return countries().get(alpha2) or Country(alpha2, alpha2, alpha2)


def find_country(text: str) -> Optional[Country]:
    """The country meant by a code of two or three letters or by a name, in any case, with or without accents.

    It may be named twice: ``Germany (DE)``.
    """
    return _by_code().get(text.strip().upper()) or country_named(text) or _named_twice(text)


def country_named(text: str) -> Optional[Country]:
    """The country meant by a name; of a name that two countries might have, none."""
    words = _words(text) if len(text) <= _LONGEST_NAME else ()
    if words in _NO_COUNTRIES:
        return None
    return _by_name().get(words) or _by_name().get(tuple(word for word in words if word not in _KINDS_OF_STATE))


def _named_twice(text: str) -> Optional[Country]:
    first, bracket, second = text.strip().removesuffix(")").partition("(")
    land = find_country(first) if bracket and "(" not in second else None
    return land if land and land == find_country(second) else None


def find_countries(text: str) -> list[Union[Country, str]]:
    """The countries in a list such as ``Germany, Korea, Republic of; Bosnia and Herzegovina``.

    What names no country stands as it is.
    """
    starts, ends = [0], []
    for separator in islice(_SEPARATOR.finditer(text), _MOST_SEPARATORS):
        ends.append(separator.start())
        starts.append(separator.end())
    ends.append(len(text))
    found: list[Union[Country, str]] = []
    place = 0
    while place < len(starts):
        for last in range(min(place + _MOST_PARTS, len(starts)) - 1, place - 1, -1):
            part = text[starts[place] : ends[last]].strip()
            land = find_country(part)
            if land:
                break
        if land or part:
            found.append(land or part)
        place = last + 1
    return found


def _country(official: iso3166.Country) -> Country:
    common = Locale("en").territories.get(official.alpha2, official.apolitical_name)
    name = _NAMES.get(official.alpha2) or common.replace(" & ", " and ").replace("St. ", "Saint ")
    others = [common, official.apolitical_name, official.name]
    others += filter(None, _OTHER_NAMES.get(official.alpha2, "").split("; "))
    different = {_folded(other): other for other in others if _folded(other) != _folded(name)}
    return Country(official.alpha2, official.alpha3, name, official.numeric, tuple(different.values()))


@lru_cache(maxsize=1)
def _by_code() -> dict[str, Country]:
    return {code: land for land in countries().values() for code in (land.alpha2, land.alpha3)}


@lru_cache(maxsize=1)
def _by_name() -> dict[tuple[str, ...], Country]:
    return dict(_names())


def _names() -> Iterator[tuple[tuple[str, ...], Country]]:
    """The words of each name."""
    for land in countries().values():
        for name in (land.name, *land.other_names):
            yield _words(name), land


def _words(name: str) -> tuple[str, ...]:
    """What tells a name from others, in alphabetical order.

    ``Korea, South`` is ``South Korea``, ``St. Lucia`` is ``Saint Lucia``, and ``Congo, Dem. Rep.`` has abbreviations.
    """
    letters = "".join(c if c.isalnum() or unicodedata.combining(c) else " " for c in _folded(name))
    words = (_ABBREVIATIONS.get(word, word) for word in letters.split())
    return tuple(sorted(word for word in words if word not in _SMALL_WORDS))


def _folded(text: str) -> str:
    """Without case, accents, apostrophes and full stops."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES).casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
