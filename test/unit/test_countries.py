"""Countries by their codes."""

import pytest
from galaxy_tiaas.core.countries import (
    countries,
    country,
)


@pytest.mark.parametrize(
    "alpha2, alpha3, numeric, name",
    [("DE", "DEU", "276", "Germany"), ("TW", "TWN", "158", "Taiwan"), ("AU", "AUS", "036", "Australia")],
)
def test_a_country_has_three_codes_and_a_name(alpha2: str, alpha3: str, numeric: str, name: str) -> None:
    found = country(alpha2)
    assert (found.alpha2, found.alpha3, found.numeric, found.name) == (alpha2, alpha3, numeric, name)


def test_a_code_that_no_country_has_stands_for_itself() -> None:
    assert (country("ZZ").alpha3, country("ZZ").name, country("ZZ").numeric) == ("ZZ", "ZZ", None)


def test_every_country_is_listed_once_in_the_order_of_names() -> None:
    names = [found.name for found in countries().values()]
    assert len(names) == len(set(names)) >= 249
    assert names == sorted(names)
    assert all(
        code == found.alpha2 and len(code) == 2 and len(found.alpha3) == 3 for code, found in countries().items()
    )
