"""What a row of tiaas2 says, and what it cannot say here."""

import re
from datetime import (
    date,
    datetime,
    timedelta,
    timezone,
)
from typing import (
    Any,
    Optional,
)

import pytest
from galaxy_tiaas.tiaas2.reader import (
    NotATraining,
    OldTraining,
    printable,
    read_row,
)
from hypothesis import (
    given,
    strategies as st,
)
from old_service import USUAL


def _read(**fields: Any) -> OldTraining:
    return read_row({**USUAL, "id": 1, **fields})


@pytest.mark.parametrize(("processed", "state"), [("UN", "new"), ("AP", "approved"), ("RE", "rejected")])
def test_states_are_called_otherwise(processed: str, state: str) -> None:
    assert _read(processed=processed).state.value == state


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"training_identifier": "gryffin dor"}, "letters without accents"),
        ({"training_identifier": "größe"}, "letters without accents"),
        ({"training_identifier": "x" * 65}, "64 at most"),
        ({"training_identifier": ""}, "begins with a letter or digit"),
        ({"training_identifier": None}, "begins with a letter or digit"),
        ({"processed": "XX"}, "neither new, approved nor rejected: 'XX'"),
        ({"start": None}, "start is not a date"),
        ({"start": "soon"}, "start is not a date: 'soon'"),
        ({"end": "2026-11-15"}, r"it ends \(2026-11-15\) before it starts \(2026-11-16\)"),
        ({"start": "1026-11-15"}, "lies outside"),
    ],
)
def test_what_cannot_be_a_training_is_refused_with_the_reason(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(NotATraining) as problem:
        _read(**fields)
    assert re.search(why, str(problem.value))


@pytest.mark.parametrize(
    ("fields", "remark", "name", "value"),
    [
        ({"attendance": 0}, "attendance 0 is taken as 1", "attendance", 1),
        ({"attendance": -3}, "attendance -3 is taken as 1", "attendance", 1),
        ({"attendance": None}, "attendance 0 is taken as 1", "attendance", 1),
        ({"attendance": "30"}, None, "attendance", 30),
        ({"attendance": 10**9}, "attendance 1000000000 is taken as 100000", "attendance", 100_000),
        ({"website": "javascript:alert(1)"}, "website is not the address of one: left out", "website", ""),
        ({"website": "www.example.org/x"}, None, "website", "https://www.example.org/x"),
        ({"advertise": "?"}, "advertise is neither Y nor N: taken as N", "advertise", False),
        ({"advertise": True}, None, "advertise", True),
        ({"advertise": "n"}, None, "advertise", False),
        ({"blogpost": None}, None, "blogpost", False),
        ({"title": " Two\nlines "}, None, "title", "Two lines"),
        ({"title": ""}, None, "title", "gryffindor"),
        ({"description": "a\x00b\x07\nc"}, None, "description", "ab\nc"),
    ],
)
def test_what_is_taken_otherwise_than_it_stands_there_is_said(
    fields: dict[str, Any], remark: Optional[str], name: str, value: Any
) -> None:
    old = _read(**fields)
    assert old.remarks == ((remark,) if remark else ())
    assert old.fields[name] == value


@pytest.mark.parametrize(
    ("written", "codes", "unknown"),
    [
        ("gb, xx,DE,,GB", ["GB", "DE"], "'xx'"),
        ("UK", ["GB"], None),
        ("Viet Nam,Tanzania, the United Republic of", ["VN", "TZ"], None),
        ("", [], None),
        (None, [], None),
        ("\x1b,QQ", [], "'QQ'"),
    ],
)
def test_countries_are_codes_or_names_separated_by_commas(
    written: Optional[str], codes: list[str], unknown: Optional[str]
) -> None:
    old = _read(location=written)
    assert old.location == codes
    assert old.remarks == ((f"no country is called {unknown}: left out",) if unknown else ())


@pytest.mark.parametrize(
    ("received", "moment"),
    [
        (date(2026, 10, 1), datetime(2026, 10, 1)),
        (datetime(2026, 10, 1, 12, tzinfo=timezone(timedelta(hours=2))), datetime(2026, 10, 1, 10)),
        ("2026-10-01", datetime(2026, 10, 1)),
        ("2026-10-01 12:00:00.123456", datetime(2026, 10, 1, 12, 0, 0, 123456)),
        ("2026-10-01T12:00:00Z", datetime(2026, 10, 1, 12)),
        ("yesterday", None),
        (None, None),
    ],
)
def test_the_day_or_moment_of_receipt_is_utc_inside(received: Any, moment: Optional[datetime]) -> None:
    assert _read(received=received).received == moment


@pytest.mark.parametrize("day", [date(2026, 11, 16), datetime(2026, 11, 16, 9), "2026-11-16", "2026-11-16 00:00:00"])
def test_days_are_days_whatever_the_database_has(day: Any) -> None:
    assert _read(start=day).start == date(2026, 11, 16)


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("redacted", "redacted@example.org"),
        ("redacted", "redacted@example.com"),
        ("GDPR Redacted", "<gdpr-redacted>"),
        (" gdpr   REDACTED\n", " <GDPR-Redacted> "),
        ("Minerva McGonagall", "Redacted@Example.com"),
        ("Minerva McGonagall", "<gdpr-redacted>"),
        ("GDPR redacted", "minerva.mcgonagall@hogwarts.example.edu"),
        ("GDPR Redacted", None),
        (None, "redacted@example.com"),
    ],
)
def test_a_redacted_row_holds_nobody(name: Optional[str], email: Optional[str]) -> None:
    texts = {
        "title": "Charms (albus@hogwarts.example.edu)",
        "description": "Ask hagrid%40hogwarts.example.edu or filch@hogwarts.example.edu",
        "website": "https://hogwarts.example.edu/?mail=filch@hogwarts.example.edu",
        "non_gtn_links": "https://slides.example.org",
    }
    old = _read(name=name, email=email, **texts)
    assert old.redacted
    assert (old.email, old.fields["name"], old.fields["email"], old.fields["other_requests"]) == ("", "", "", "")
    assert old.fields["title"] == "Charms ([redacted])"
    assert old.fields["description"] == "Ask [redacted] or [redacted]"
    assert (old.fields["website"], old.fields["non_gtn_links"]) == ("", "https://slides.example.org")
    assert len(old.remarks) == 3 and "hogwarts" not in " ".join(old.remarks)


@pytest.mark.parametrize(
    ("left", "text", "scrubbed"),
    [
        ({"name": "Minerva McGonagall"}, "With Minerva McGonagall, in the tower", "With [redacted], in the tower"),
        ({"name": "gdpr redacted", "email": "mcgonagall77@example.edu"}, "see ~mcgonagall77", "see ~[redacted]"),
    ],
)
def test_who_is_left_in_one_field_of_a_redacted_row_goes_from_its_texts(
    left: dict[str, str], text: str, scrubbed: str
) -> None:
    assert _read(**{"email": "<gdpr-redacted>", **left}, description=text).fields["description"] == scrubbed


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "redacted", "description": "GDPR Redacted", "other_requests": "<gdpr-redacted>"},
        {"name": "Anna Redacted", "other_requests": "Write to redacted@example.com"},
        {"name": "The GDPR redacted-documents team", "email": "redacted@example.edu"},
        {"email": "gdpr-redacted@example.org"},
        {"name": "", "email": ""},
    ],
)
def test_a_row_is_not_redacted_because_somebody_writes_so(fields: dict[str, str]) -> None:
    old = _read(**{"description": "By minerva@example.org", **fields})
    expected = {**USUAL, "description": "By minerva@example.org", **fields}
    assert not old.redacted
    names = ("name", "email", "title", "description", "other_requests")
    assert [old.fields[name] for name in names] == [expected[name] for name in names]


@given(
    st.dictionaries(
        st.sampled_from(sorted(USUAL)), st.one_of(st.none(), st.text(), st.integers(), st.dates(), st.booleans())
    )
)
def test_whatever_a_row_holds_it_is_taken_or_refused(fields: dict[str, Any]) -> None:
    try:
        old = _read(**fields)
    except NotATraining as problem:
        assert str(problem).isprintable()
    else:
        assert old.identifier
        assert all(remark.isprintable() for remark in old.remarks)


def test_what_is_printed_is_short_and_harmless() -> None:
    assert printable("\x1b[2J") == "'?[2J'"
    assert len(printable("x" * 1000)) == 67
