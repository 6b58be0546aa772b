"""Countries by their codes and by the names that people give them."""

import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import iso3166
import pytest
from galaxy_tiaas.core import countries as module
from galaxy_tiaas.core.countries import (
    countries,
    Country,
    country,
    find_countries,
    find_country,
)

_LISTED = Path(__file__).with_name("country_names.txt").read_text(encoding="utf-8").splitlines()[1:]


def _listed() -> Iterator[tuple[str, str]]:
    """Names with the alpha-2 code."""
    for line in _LISTED:
        code, _, names = line.partition(" ")
        yield from ((name, code) for name in names.split(" | "))
    yield from ((official.name, official.alpha2) for official in iso3166.countries)


def _found(text: str) -> str:
    land = find_country(text)
    return land.alpha2 if land else ""


@pytest.mark.parametrize(
    "alpha2, alpha3, numeric, name",
    [
        ("DE", "DEU", "276", "Germany"),
        ("TW", "TWN", "158", "Taiwan"),
        ("AU", "AUS", "036", "Australia"),
        ("KP", "PRK", "408", "North Korea"),
        ("LC", "LCA", "662", "Saint Lucia"),
        ("BA", "BIH", "070", "Bosnia and Herzegovina"),
        ("CD", "COD", "180", "Democratic Republic of the Congo"),
        ("LA", "LAO", "418", "Laos"),
        ("GB", "GBR", "826", "United Kingdom"),
    ],
)
def test_a_country_has_three_codes_and_a_name(alpha2: str, alpha3: str, numeric: str, name: str) -> None:
    found = country(alpha2)
    assert (found.alpha2, found.alpha3, found.numeric, found.name) == (alpha2, alpha3, numeric, name)


def test_a_code_that_no_country_has_stands_for_itself() -> None:
    assert (country("ZZ").alpha3, country("ZZ").name, country("ZZ").numeric) == ("ZZ", "ZZ", None)


def test_every_country_is_listed_once_in_the_order_of_names() -> None:
    names = [found.name for found in countries().values()]
    assert len(names) == len(set(names)) >= 249
    assert names[:3] == ["Afghanistan", "Åland Islands", "Albania"]
    assert names[-1] == "Zimbabwe"
    assert all(
        code == found.alpha2 and len(code) == 2 and len(found.alpha3) == 3 for code, found in countries().items()
    )


def test_no_page_turns_a_name_round() -> None:
    assert [found.name for found in countries().values() if "," in found.name or "&" in found.name] == []


def test_every_name_of_the_usual_lists_is_understood_however_it_is_written() -> None:
    names = list(_listed())
    assert len(names) > 600
    for name, code in names:
        for written in (
            name,
            f" {name.upper()} ",
            f"The {name}",
            name.replace("'", "’"),
            name.replace(" and ", " & "),
            name.replace("Saint ", "St. "),
            name.replace("ô", "o").replace("ç", "c").replace("ã", "a").replace("é", "e").replace("ü", "u"),
        ):
            assert _found(written) == code, written


def test_names_and_codes_that_a_country_has_lead_to_it() -> None:
    for code, land in countries().items():
        for name in (code, land.alpha3, code.lower(), land.name, *land.other_names):
            assert _found(name) == code, name


def test_no_name_means_two_countries() -> None:
    meant: dict[tuple[str, ...], set[str]] = {}
    for words, land in module._names():
        meant.setdefault(words, set()).add(land.alpha2)
    assert meant.keys() >= {("korea", "south")}
    assert {words: codes for words, codes in meant.items() if len(codes) > 1 or not words} == {}


def test_no_two_countries_beside_each_other_are_taken_for_a_third() -> None:
    """Else a list of both would lose one."""
    names = dict(module._names())
    for words, land in names.items():
        for number in range(1, len(words)):
            for some in combinations(words, number):
                rest = list(words)
                for word in some:
                    rest.remove(word)
                both = {names.get(some), names.get(tuple(rest))}
                assert None in both or both == {land}, words


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("U.K.", "GB"),
        ("u.s.a.", "US"),
        ("UAE", "AE"),
        ("Macau", "MO"),
        ("Swaziland", "SZ"),
        ("DR Congo", "CD"),
        ("Congo-Kinshasa", "CD"),
        ("Republic of Congo", "CG"),
        ("People's Republic of China", "CN"),
        ("St Helena", "SH"),
        ("Korea (South)", "KR"),
        ("Federal Republic of Nigeria", "NG"),
        ("Republic of Ireland", "IE"),
        ("Northern Ireland", "GB"),
        ("Macedonia", "MK"),
        ("Österreich", "AT"),
        ("MÉXICO", "MX"),
        ("Česká republika", "CZ"),
        ("日本", "JP"),
        ("ελλάδα", "GR"),
        ("Dominican Rep.", "DO"),
        ("Iran, Islamic Rep.", "IR"),
        ("P.R. China", "CN"),
        ("Austria (AT)", "AT"),
        ("Great Britain (UK)", "GB"),
        ("Congo, Dem. Rep. (COD)", "CD"),
    ],
)
def test_countries_have_other_names_too(text: str, code: str) -> None:
    assert _found(text) == code


@pytest.mark.parametrize(
    "text",
    [
        *("", "  ", "Europe", "Virgin Islands", "Korea", "XX", "Republic", "United", "the", "America", "Island"),
        *("New Guinea", "State of Georgia", "New South Wales", "Northern Cyprus", "German Democratic Republic"),
        *("Nige", "Nigerian", "Micronesian", "Democratic Republic of Korea", "S.A.", "Congos", "Mexico City"),
        *("Georgia (USA)", "Chad (Chile)", "(DE)", "Peru ((PE))"),
    ],
)
def test_a_country_is_not_guessed(text: str) -> None:
    assert find_country(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Tanzania, the United Republic of, UG", ["TZ", "UG"]),
        ("Norway; Bosnia and Herzegovina\nVirgin Islands, British", ["NO", "BA", "VG"]),
        ("Niger and Nigeria", ["NE", "NG"]),
        ("Samoa, American Samoa", ["WS", "AS"]),
        ("Ireland, Northern Ireland", ["IE", "GB"]),
        ("Sudan, South Sudan", ["SD", "SS"]),
        ("Guinea, Guinea-Bissau, Equatorial Guinea & Papua New Guinea", ["GN", "GW", "GQ", "PG"]),
        ("Saint Helena, Ascension and Tristan da Cunha", ["SH"]),
        ("fr/it", ["FR", "IT"]),
        ("Bosnia&Herzegovina&Chad + Peru\tOman", ["BA", "TD", "PE", "OM"]),
        ("Korea, Rep., Congo, Dem. Rep., Chad", ["KR", "CD", "TD"]),
        ("Narnia and Oz, Chad", ["Narnia", "Oz", "TD"]),
        (" , ;", []),
    ],
)
def test_a_list_of_countries_may_have_names_with_commas(text: str, found: list[str]) -> None:
    assert [land.alpha2 if isinstance(land, Country) else land for land in find_countries(text)] == found


def test_a_long_list_takes_no_time() -> None:
    began = time.thread_time()
    find_countries("Norway and " * 100_000)
    assert time.thread_time() - began < 0.5
