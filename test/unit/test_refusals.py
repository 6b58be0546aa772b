"""A form is told of everything that is wrong with it at once, of as much of it as can be judged."""

from collections.abc import Callable
from datetime import (
    date,
    timedelta,
)
from typing import Any

import pytest
from galaxy_tiaas.trainings import forms
from galaxy_tiaas.trainings.service import TrainingsService
from in_process import (
    ANONYMOUS,
    BEFORE,
    InProcess,
    SERVER,
)

TODAY = BEFORE.date()
LATER = str(TODAY + timedelta(days=60))
EARLIER = str(TODAY - timedelta(days=1))
GOOD = {"identifier": "lions", "title": "Charms", "start": LATER, "end": LATER, "timezone": "UTC", "attendance": "20"}


def _request(galaxy: InProcess, by: Any = None, /, **typed: Any) -> dict[str, str]:
    values = {**GOOD, "instructors": [], **typed}
    found = forms.request(values)
    wrong = found if isinstance(found, dict) else {}
    actor = by or galaxy.user("minerva")
    problems = galaxy[TrainingsService].problems_of_request(actor, forms.draft(values, wrong), wrong.keys(), BEFORE)
    return forms.all_errors(wrong, problems)


def _change(galaxy: InProcess, by: Any, **typed: Any) -> dict[str, str]:
    draft = forms.draft(typed, {})
    wrong = {name: "" for name in typed if name not in draft.given()}
    problems = galaxy.perform(TrainingsService.problems_of_change, by, "gryffindor", draft, wrong.keys(), BEFORE)
    return forms.all_errors({}, problems)


def test_an_instructor_is_told_of_everything_at_once(galaxy: InProcess) -> None:
    galaxy.request("lions", by=galaxy.user("filius"))
    errors = _request(galaxy, title="", attendance="many", start=EARLIER, end=EARLIER, instructors=["x" * 256])
    assert set(errors) == {"title", "attendance", "identifier", "start", "end", "instructors"}
    assert "taken" in errors["identifier"]
    assert "past" in errors["start"] and "past" in errors["end"]


@pytest.mark.parametrize(
    "settings, galaxys, said",
    [
        (
            {"contact_email": "tiaas@example.org"},
            {"error_email_to": "help@example.org"},
            "administrators (tiaas@example.org).",
        ),
        ({}, {"error_email_to": "help@example.org"}, "administrators (help@example.org)."),
        ({}, {}, "administrators."),
    ],
)
def test_whoever_asks_too_late_learns_whom_to_write_to(
    make_galaxy: Callable[..., InProcess], settings: dict[str, str], galaxys: dict[str, str], said: str
) -> None:
    soon = str(TODAY + timedelta(days=2))
    errors = _request(make_galaxy(galaxy_conf=galaxys, **settings), start=soon, end=soon)
    assert errors["start"].endswith(said)


def test_a_form_that_is_right_has_no_errors(galaxy: InProcess) -> None:
    assert _request(galaxy) == {}
    assert _request(galaxy, timezone="") == {}


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"start": "soon", "end": EARLIER}, {"start", "end"}),
        ({"start": "soon", "end": LATER}, {"start"}),
        ({"start": EARLIER, "end": ""}, {"start", "end"}),
        ({"start": EARLIER, "end": EARLIER, "timezone": "Hogsmeade"}, {"timezone"}),
        ({"start": LATER, "end": EARLIER, "timezone": "Hogsmeade"}, {"timezone", "end"}),
        ({"identifier": "a" * 30, "title": ""}, {"identifier", "title"}),
        ({"identifier": "\0", "start": "0001-01-01", "end": "9999-12-31"}, {"identifier", "start", "end"}),
        (
            {"instructors": ["\ud800"], "location": ["Narnia"], "attendance": "9" * 40},
            {"instructors", "location", "attendance"},
        ),
        (
            {"email": "nobody", "name": "\0", "website": "x", "description": "y" * 10_001},
            {"email", "name", "website", "description"},
        ),
    ],
)
def test_what_depends_on_a_field_that_is_wrong_is_not_judged(
    galaxy: InProcess, typed: dict[str, Any], errors: set[str]
) -> None:
    assert set(_request(galaxy, **typed)) == errors


def test_admins_may_request_past_days_and_are_told_of_the_rest(galaxy: InProcess) -> None:
    galaxy.request("lions")
    assert set(_request(galaxy, SERVER, start=EARLIER, end=EARLIER, title="")) == {"title", "identifier"}


def test_a_change_is_judged_by_what_stays_of_the_training(galaxy: InProcess) -> None:
    minerva = galaxy.user("minerva")
    galaxy.request("lions", by=galaxy.user("filius"))
    last = galaxy.request(by=minerva).end
    after = str(last + timedelta(days=1))
    assert set(_change(galaxy, minerva, start=after, identifier="lions")) == {"end", "identifier"}
    assert _change(galaxy, minerva, start=after, end="never") == {}
    assert _change(galaxy, minerva, identifier="GRYFFINDOR", end=str(last)) == {}


def test_nobody_is_told_whether_an_instructor_is_known_here(galaxy: InProcess) -> None:
    minerva = galaxy.user("minerva")
    galaxy.user("hermione")
    galaxy.request(by=minerva)
    for name in ("hermione", "hermione@example.org", "nobody"):
        assert _request(galaxy, instructors=[name]) == _change(galaxy, minerva, instructors=[name]) == {}


def test_the_wish_of_an_instructor_needs_no_notice(galaxy: InProcess) -> None:
    minerva = galaxy.user("minerva")
    galaxy.training(by=minerva, start=date.fromisoformat(LATER), end=date.fromisoformat(LATER))
    assert _change(galaxy, minerva, start=str(TODAY + timedelta(days=1))) == {}


def test_others_learn_nothing_from_a_draft(galaxy: InProcess) -> None:
    galaxy.request()
    galaxy.refused(403, lambda: _request(galaxy, ANONYMOUS))
    galaxy.refused(404, lambda: _change(galaxy, ANONYMOUS, title="Charms"))
    severus = galaxy.user("severus")
    galaxy.refused(404, lambda: _change(galaxy, severus, title="Charms"))
