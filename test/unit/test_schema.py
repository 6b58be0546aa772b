"""What clients may send."""

from datetime import date
from typing import (
    Any,
    Optional,
)

import pytest
from galaxy_tiaas.core.fields import Payload
from galaxy_tiaas.trainings.schema import (
    ChangeDecision,
    StateChange,
    TrainingCreate,
    TrainingUpdate,
)
from pydantic import ValidationError

_REQUEST = {
    "identifier": "gryffindor",
    "title": "Care of magical creatures",
    "start": "2026-11-16",
    "end": "2026-11-18",
    "attendance": 20,
}
_LONGEST_LINE, _LONGEST_PROSE = 255, 10_000


def _create(**fields: Any) -> TrainingCreate:
    return TrainingCreate.model_validate({**_REQUEST, **fields})


def _refused(model: type[Payload], values: dict[str, Any]) -> dict[str, str]:
    """Field name to message."""
    with pytest.raises(ValidationError) as problem:
        model.model_validate(values)
    return {str(error["loc"][0]): error["msg"] for error in problem.value.errors()}


def test_a_request_needs_five_fields_and_no_more() -> None:
    assert _create().model_dump(exclude_unset=True) == {
        **_REQUEST,
        "start": date(2026, 11, 16),
        "end": date(2026, 11, 18),
    }


@pytest.mark.parametrize("field", list(_REQUEST))
def test_each_of_the_five_is_needed(field: str) -> None:
    values = {name: value for name, value in _REQUEST.items() if name != field}
    assert _refused(TrainingCreate, values) == {field: "Field required"}


@pytest.mark.parametrize(
    "model, values",
    [
        (TrainingCreate, _REQUEST),
        (TrainingUpdate, {}),
        (StateChange, {"state": "approved"}),
        (ChangeDecision, {"accept": True}),
    ],
)
@pytest.mark.parametrize("field", ["id", "state_", "requester_id", "created", "group_id", "members", "processed", ""])
def test_fields_that_do_not_exist_are_refused(model: type[Payload], values: dict[str, Any], field: str) -> None:
    assert list(_refused(model, {**values, field: "x"})) == [field]


@pytest.mark.parametrize("field", ["state", "phase", "redacted_at", "requested_change", "email_verified"])
def test_a_request_cannot_set_what_the_server_sets(field: str) -> None:
    assert list(_refused(TrainingCreate, {**_REQUEST, field: "approved"})) == [field]
    assert list(_refused(TrainingUpdate, {field: "approved"})) == [field]


def test_an_update_takes_every_field_of_a_request_the_destination_and_the_version_that_was_read() -> None:
    assert set(TrainingUpdate.model_fields) == {*TrainingCreate.model_fields, "destination", "version"}


@pytest.mark.parametrize("field", sorted(TrainingCreate.model_fields))
def test_an_update_does_not_take_null_for_what_a_training_must_have(field: str) -> None:
    assert list(_refused(TrainingUpdate, {field: None})) == [field]


@pytest.mark.parametrize("destination", [None, "", "  "])
def test_no_destination_means_the_usual_one(destination: Optional[str]) -> None:
    assert TrainingUpdate.model_validate({"destination": destination}).given() == {"destination": None}


def test_an_update_changes_only_what_was_sent() -> None:
    assert TrainingUpdate.model_validate({}).given() == {}
    assert TrainingUpdate.model_validate({"description": "", "advertise": False}).given() == {
        "description": "",
        "advertise": False,
    }


@pytest.mark.parametrize("text, identifier", [("Gryffindor", "gryffindor"), ("  rna-seq ", "rna-seq")])
def test_an_identifier_is_stored_in_lower_case_without_blanks_around_it(text: str, identifier: str) -> None:
    assert _create(identifier=text).identifier == identifier


@pytest.mark.parametrize("text", ["", " ", "a b", "a/b", "-a", "\u212aelvin", "te\u017ft", "a" * 65, 5, None, ["a"]])
def test_other_identifiers_are_refused(text: Any) -> None:
    assert list(_refused(TrainingCreate, {**_REQUEST, "identifier": text})) == ["identifier"]


def test_an_identifier_that_is_too_long_is_not_accused_of_wrong_letters() -> None:
    assert "letters" not in _refused(TrainingCreate, {**_REQUEST, "identifier": "a" * 65})["identifier"]


@pytest.mark.parametrize("field", ["title", "name"])
def test_a_line_is_stripped(field: str) -> None:
    assert (
        getattr(_create(**{field: "  Albus \u2013 Dumbledore \U0001f9d9  "}), field)
        == "Albus \u2013 Dumbledore \U0001f9d9"
    )


@pytest.mark.parametrize("field", ["title", "name", "website"])
@pytest.mark.parametrize(
    "text",
    ["a\nb", "a\r\nb", "a\tb", "a\0b", "a\x1bb", "a\x7fb", "a\x85b", "a\u2028b", "a\vb", "x" * (_LONGEST_LINE + 1), 5],
)
def test_a_line_is_one_line_of_printable_text(field: str, text: Any) -> None:
    assert list(_refused(TrainingCreate, {**_REQUEST, field: text})) == [field]


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_title_must_say_something(text: str) -> None:
    assert list(_refused(TrainingCreate, {**_REQUEST, "title": text})) == ["title"]
    assert list(_refused(TrainingUpdate, {"title": text})) == ["title"]


def test_a_line_may_be_as_long_as_promised() -> None:
    assert len(_create(title="x" * _LONGEST_LINE).title) == _LONGEST_LINE


@pytest.mark.parametrize("field", ["description", "gtn_links", "non_gtn_links", "other_requests"])
def test_prose_may_have_several_lines(field: str) -> None:
    assert getattr(_create(**{field: " one\r\ntwo\n\tthree \n"}), field) == "one\r\ntwo\n\tthree"


@pytest.mark.parametrize("field", ["description", "gtn_links", "non_gtn_links", "other_requests"])
@pytest.mark.parametrize("text", ["a\0b", "a\x1bb", "x" * (_LONGEST_PROSE + 1), 5, None])
def test_prose_is_printable_and_not_endless(field: str, text: Any) -> None:
    """PostgreSQL cannot store the character NUL."""
    assert list(_refused(TrainingCreate, {**_REQUEST, field: text})) == [field]


@pytest.mark.parametrize(
    "email",
    ["minerva@example.org", "m.mcgonagall+course@mail.example.co.uk", "kurs@exämple.org", "o'neill@example.org"],
)
def test_addresses_of_mail_are_accepted(email: str) -> None:
    assert _create(email=f" {email} ").email == email


@pytest.mark.parametrize(
    "email",
    ["", "minerva", "minerva@", "@example.org", "a@b", "a b@example.org", "a@example.org, b@example.org", "a@b.", 5]
    + ["zoë@example.org", "a..b@example.org", "a@-example.org", "a@[127.0.0.1]", f"{'a' * 65}@example.org"],
)
def test_other_addresses_are_refused(email: Any) -> None:
    assert list(_refused(TrainingCreate, {**_REQUEST, "email": email})) == ["email"]


@pytest.mark.parametrize("email", ["a@example.org\nBcc: b@example.org", "Minerva <a@example.org>", "a@b@example.org"])
def test_an_address_cannot_smuggle_another_one(email: str) -> None:
    assert list(_refused(TrainingCreate, {**_REQUEST, "email": email})) == ["email"]


@pytest.mark.parametrize(
    "website", ["", "https://example.org/course?x=1#y", "http://localhost:8080", "https://exämple.org"]
)
def test_web_addresses_are_accepted(website: str) -> None:
    assert _create(website=website).website == website


@pytest.mark.parametrize("website", ["example.org", "www.exämple.co.uk:8080/a?b", "school.academy/course.v2"])
def test_a_web_address_without_a_scheme_is_one_too(website: str) -> None:
    assert _create(website=website).website == f"https://{website}"


@pytest.mark.parametrize(
    "website",
    [
        "javascript:alert(1)",
        "javascript:example.org",
        "a@example.org",
        "e.g.",
        "v1.2",
        "hogwarts",
        "https://",
        "https:///x",
        "ftp://example.org",
        "//example.org",
        "https://a b",
    ],
)
def test_other_web_addresses_are_refused(website: str) -> None:
    assert list(_refused(TrainingCreate, {**_REQUEST, "website": website})) == ["website"]


@pytest.mark.parametrize("field", ["start", "end"])
@pytest.mark.parametrize(
    "day",
    ["", "2026-13-01", "2026-02-30", "16.11.2026", "1999-12-31", "2101-01-01", "0001-01-01", "tomorrow", None, [1]],
)
def test_a_day_is_a_plausible_date(field: str, day: Any) -> None:
    assert list(_refused(TrainingCreate, {**_REQUEST, field: day})) == [field]


@pytest.mark.parametrize("timezone", ["", "CEST", "europe/berlin", "+01:00", "../../etc/passwd", 5])
def test_a_time_zone_is_one_of_the_iana_database(timezone: Any) -> None:
    assert list(_refused(TrainingCreate, {**_REQUEST, "timezone": timezone})) == ["timezone"]


def test_without_a_time_zone_the_servers_setting_is_meant() -> None:
    assert _create().timezone is None
    assert _create(timezone="Europe/Berlin").timezone == "Europe/Berlin"


@pytest.mark.parametrize(
    "location, codes",
    [
        ([], []),
        ("", []),
        (["DE"], ["DE"]),
        (["de", " Fr "], ["DE", "FR"]),
        (["DE", "FR", "de"], ["DE", "FR"]),
        ("DE,FR", ["DE", "FR"]),
        ("DE, FR", ["DE", "FR"]),
        ("DE,FR,", ["DE", "FR"]),
        ("DE, ", ["DE"]),
        (" ", []),
        (["DEU", "Ivory Coast"], ["DE", "CI"]),
        ("Korea, Republic of, the Philippines", ["KR", "PH"]),
        (["Laos; Chad"], ["LA", "TD"]),
    ],
)
def test_countries_are_given_as_a_list_or_as_text_with_commas(location: Any, codes: list[str]) -> None:
    assert _create(location=location).location == codes


@pytest.mark.parametrize("location", [["ZZ"], ["Korea"], "DE,Hogwarts", 5, None, [5], {"DE": 1}, [["DE"]]])
def test_other_countries_are_refused(location: Any) -> None:
    assert list(_refused(TrainingCreate, {**_REQUEST, "location": location})) == ["location"]


@pytest.mark.parametrize("code", ["\ud800", "Z\0", "Z" * 100_000])
def test_a_country_that_cannot_be_written_is_not_named_in_the_answer(code: str) -> None:
    message = _refused(TrainingCreate, {**_REQUEST, "location": [code] * 1000})["location"]
    assert message.encode() and len(message) < 200


def test_the_message_names_the_country_that_does_not_exist() -> None:
    message = _refused(TrainingCreate, {**_REQUEST, "location": ["DE", "Narnia"]})["location"]
    assert message == "Value error, no country is called Narnia"


@pytest.mark.parametrize("attendance", [0, -1, 100_001, 1.5, "many", None, "", []])
def test_attendance_is_a_number_of_people(attendance: Any) -> None:
    assert list(_refused(TrainingCreate, {**_REQUEST, "attendance": attendance})) == ["attendance"]
    assert list(_refused(TrainingUpdate, {"attendance": attendance})) == ["attendance"]


@pytest.mark.parametrize("field", ["use_gtn", "advertise", "blogpost", "retain_contact"])
@pytest.mark.parametrize("answer", ["perhaps", 2, None, ""])
def test_a_question_is_answered_with_yes_or_no(field: str, answer: Any) -> None:
    assert list(_refused(TrainingCreate, {**_REQUEST, field: answer})) == [field]


@pytest.mark.parametrize("instructors", ["minerva", [""], ["a\nb"], [5], ["x"] * 51, None])
def test_instructors_are_a_list_of_accounts(instructors: Any) -> None:
    assert list(_refused(TrainingCreate, {**_REQUEST, "instructors": instructors})) == ["instructors"]


@pytest.mark.parametrize("state", ["", "APPROVED", "done", None, 1, ["approved"]])
def test_a_decision_names_a_state_that_exists(state: Optional[str]) -> None:
    assert list(_refused(StateChange, {"state": state})) == ["state"]


def test_a_decision_may_come_without_a_word() -> None:
    decision = StateChange.model_validate({"state": "approved"})
    assert (decision.note, decision.destination) == ("", None)


@pytest.mark.parametrize("values", [{}, {"accept": None}, {"accept": "perhaps"}])
def test_a_decision_about_a_change_is_yes_or_no(values: dict[str, Any]) -> None:
    assert list(_refused(ChangeDecision, values)) == ["accept"]
