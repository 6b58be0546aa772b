"""Whatever somebody types into a form, the answer is a page, and what is accepted is stored as it was sent."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from galaxy_tiaas.core.countries import find_country
from galaxy_tiaas.routers import page_routers
from galaxy_tiaas.trainings.schema import TrainingUpdate
from hypothesis import (
    given,
    HealthCheck,
    settings,
    strategies as st,
)
from in_process import InProcess
from in_process_pages import Pages

#: Every form of ours, by the address that it is sent to.
FORMS = sorted(
    {
        route.path.rstrip("/")
        for router in page_routers
        for route in router.routes
        if isinstance(route, APIRoute) and "POST" in route.methods
    }
)
_FIELDS = ("name", "email", "title", "description", "website", "gtn_links", "non_gtn_links", "other_requests")
#: Names of fields of all forms together, and of one that no form has.
_NAMES = [
    *TrainingUpdate.model_fields,
    *("before", "seen", "note", "state", "decision", "accept", "destination", "remove", "change", "tools", "raised"),
    *("done", "question", "text", "position", "action", "delivery", "hours", "jobs", "training_identifier", "unknown"),
    *("identifier", "seen-gryffindor", "pseudonym"),
]
_CASES = [
    *("", " ", "\x00", "\u2028", "\ufeff", "\ufffd", "a" * 11_000, "1" * 5_000, "-1", "1e999", "NaN", "9" * 20),
    *("2027-03-01", "2027-02-30", "0000-00-00", "2027-03-01T12:00:00+14:00", "gryffindor", "approved", "true", "%00"),
    *("GB", "gb, fr", "\U0001f9d9", "${1/0}", "<script>", "' OR 1=1 --", "https://example.org/ä", "ﬀ@example.org"),
]
_TEXT = st.one_of(st.sampled_from(_CASES), st.text(max_size=40))
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(_NAMES), inner, max_size=3)),
    max_leaves=5,
)
#: Each example costs a request, and the database is the same for all.
_PATIENT = settings(suppress_health_check=list(HealthCheck))


def _sendable(text: str) -> bool:
    """What no browser can send is no text: half of a pair of surrogates."""
    return text.encode("utf-8", "ignore").decode() == text


@pytest.fixture
def pages(galaxy: InProcess) -> Iterator[Pages]:
    """A training that is wanted, and its instructor's browser."""
    galaxy.request("gryffindor")
    with Pages(galaxy) as pages:
        pages.login(galaxy.user("minerva"))
        yield pages


def test_all_forms_are_known() -> None:
    assert {"/tiaas/new", "/tiaas/admin", "/tiaas/trainings/{identifier}/edit"} <= {*FORMS}
    assert len(FORMS) > 15


@settings(_PATIENT, max_examples=60)
@given(
    fields=st.dictionaries(st.sampled_from(_FIELDS), _TEXT.filter(_sendable), max_size=4),
    country=_TEXT.filter(_sendable),
)
def test_a_request_is_stored_as_it_was_typed_or_shown_again(pages: Pages, fields: Any, country: str) -> None:
    number = len(pages.galaxy.query("SELECT id FROM tiaas_training"))
    sure = {"title": "Charms", "start": "2099-01-01", "end": "2099-01-02", "attendance": "5", "location": country}
    answer = pages.submit("/tiaas/new/", **{**sure, **fields, "identifier": f"course-{number}"})
    assert answer.status_code in (303, 422), answer.text
    if answer.status_code == 422:
        assert not pages.galaxy.query("SELECT 1 FROM tiaas_training WHERE identifier = :id", id=f"course-{number}")
        return
    (row,) = pages.galaxy.query("SELECT * FROM tiaas_training WHERE identifier = :id", id=f"course-{number}")
    account = {"name": "minerva", "email": "minerva@example.org"}
    for name, value in {**sure, **fields}.items():
        if name in _FIELDS:
            assert getattr(row, name) == (value.strip() or account.get(name, "")), name
    codes = [
        row.code for row in pages.galaxy.query(f"SELECT code FROM tiaas_training_location WHERE training_id = {row.id}")
    ]
    land = find_country(country)
    assert codes == ([land.alpha2] if land else []) or "," in country


@settings(_PATIENT, max_examples=8 * len(FORMS))
@given(
    path=st.sampled_from(FORMS),
    fields=st.dictionaries(st.sampled_from(_NAMES), _TEXT.filter(_sendable), max_size=6),
    before=st.one_of(st.none(), _JSON),
    as_admin=st.booleans(),
)
def test_no_form_has_an_answer_that_is_a_mistake_of_ours(
    pages: Pages, path: str, fields: Any, before: Any, as_admin: bool
) -> None:
    pages.login(pages.galaxy.admin() if as_admin else pages.galaxy.user("minerva"))
    if before is not None:
        fields = {**fields, "before": json.dumps(before)}
    answer = pages.submit(path.format(identifier="gryffindor", token="unknown"), **fields)
    assert answer.status_code < 500, answer.text


@settings(_PATIENT, max_examples=30)
@given(text=_TEXT.filter(_sendable), name=st.sampled_from(_FIELDS[2:]))
def test_a_change_is_stored_as_it_was_typed_or_shown_again(pages: Pages, text: str, name: str) -> None:
    before = getattr(pages.galaxy.query("SELECT * FROM tiaas_training")[0], name)
    answer = pages.submit("/tiaas/trainings/gryffindor/edit", **{name: text})
    assert answer.status_code in (303, 422), answer.text
    after = getattr(pages.galaxy.query("SELECT * FROM tiaas_training")[0], name)
    assert after == (text.strip() if answer.status_code == 303 else before)


def test_what_a_form_says_of_fields_that_no_training_has_is_left_alone(pages: Pages) -> None:
    before = json.dumps({"unknown": 1, "title": "Course gryffindor"})
    answer = pages.submit("/tiaas/trainings/gryffindor/edit", before=before, unknown="2", title="Potions")
    assert answer.status_code == 303, answer.text
    assert pages.galaxy.find("gryffindor").title == "Potions"
