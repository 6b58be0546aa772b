"""What a form is filled in with, from links and from what people type."""

from typing import (
    Any,
    Optional,
)

import pytest
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.times import find_time_zone
from galaxy_tiaas.trainings import forms
from galaxy_tiaas.trainings.identifiers import identifier_in
from starlette.datastructures import (
    FormData,
    QueryParams,
)


def _prefilled(query: str) -> dict[str, Any]:
    return forms.prefilled(QueryParams(query), Actor())


def test_a_link_fills_in_every_field_by_the_names_that_tiaas2_has() -> None:
    values = _prefilled(
        "name=Minerva&email=m@example.org&title=Charms&description=About&start=2027-03-01&end=2027-03-02"
        "&website=https://example.org&location=GB&use_gtn=Y&gtn_links=one&non_gtn_links=two&attendance=12"
        "&training_identifier=charms&advertise_eu=yes&blogpost=1&other_requests=none&retain_contact=on"
    )
    assert values == {
        "name": "Minerva",
        "email": "m@example.org",
        "title": "Charms",
        "description": "About",
        "start": "2027-03-01",
        "end": "2027-03-02",
        "website": "https://example.org",
        "location": ["GB"],
        "use_gtn": True,
        "gtn_links": "one",
        "non_gtn_links": "two",
        "attendance": "12",
        "identifier": "charms",
        "advertise": True,
        "blogpost": True,
        "other_requests": "none",
        "retain_contact": True,
    }


@pytest.mark.parametrize(
    "query, codes",
    [
        ("location=GB&location=FR", ["GB", "FR"]),
        ("location=gb,+fr", ["GB", "FR"]),
        ("location=DEU,united+kingdom+of+great+britain+and+northern+ireland", ["DE", "GB"]),
        ("location=Korea,+Republic+of", ["KR"]),
        ("location=uk&location=Bolivia,Norway", ["GB", "BO", "NO"]),
        ("location=Narnia,FR", ["Narnia", "FR"]),
        ("location=Cape+Verde;+S%C3%A3o+Tom%C3%A9+%26+Pr%C3%ADncipe", ["CV", "ST"]),
        ("location=", []),
    ],
)
def test_countries_are_understood_by_code_and_name_one_by_one_or_in_a_list(query: str, codes: list[str]) -> None:
    assert _prefilled(query)["location"] == codes


@pytest.mark.parametrize(
    "text, zone",
    [
        ("berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("america/new_york ", "America/New_York"),
        ("utc", "UTC"),
        ("Europe/London", "Europe/London"),
        ("Buenos Aires", "America/Argentina/Buenos_Aires"),
        ("Hogsmeade", None),
        ("Eastern", None),
        ("", None),
    ],
)
def test_a_time_zone_is_understood_by_its_city(text: str, zone: Any) -> None:
    assert find_time_zone(text) == zone
    assert forms.typed(FormData([("timezone", text)]))["timezone"] == (zone or text)


@pytest.mark.parametrize(
    "text, identifier",
    [
        ("gryffindor", "gryffindor"),
        (" Gryffindor ", "Gryffindor"),
        ("https://galaxy.example.org/join-training/gryffindor", "gryffindor"),
        ("https://galaxy.example.org/prefix/join-training/gryffindor/", "gryffindor"),
        ("galaxy.example.org/join-training/gryffindor/status?hours=3#tools", "gryffindor"),
        ("https://galaxy.example.org/tiaas/trainings/gryffindor/edit", "gryffindor"),
        ("/join-training/gry%66findor", "gryffindor"),
        ("join-training/gryffindor", "gryffindor"),
        ("", ""),
        ("/", ""),
    ],
)
def test_an_identifier_is_found_in_a_link(text: str, identifier: str) -> None:
    assert identifier_in(text) == identifier


# What somebody else changes while a form is open


_STORED = {"title": "Charms", "location": ["GB"], "advertise": False, "name": None}


def test_only_what_was_typed_differently_counts() -> None:
    typed = {"title": " Charms", "location": ["FR"], "name": "", "unknown": "1"}
    assert forms.changed(typed, _STORED) == {"location": ["FR"]}


def test_what_the_reader_has_not_touched_is_as_somebody_else_has_saved_it() -> None:
    before = {"title": "Potions", "location": [], "advertise": True}
    typed = {"title": "Flying", "location": [], "advertise": False, "name": "Minerva"}
    shown, differences = forms.merged(typed, _STORED, before)
    assert shown == {**typed, "location": ["GB"]}
    assert differences == {
        "title": ("Saved now", "Charms"),
        "location": ("When you opened this page", "–"),
        "name": ("Saved now", "–"),
    }


@pytest.mark.parametrize("form, version", [({}, None), ({"version": ""}, None), ({"version": "20270301"}, "20270301")])
def test_a_form_says_which_version_of_a_training_it_shows(form: dict[str, str], version: Optional[str]) -> None:
    assert forms.version(FormData(form)) == version
