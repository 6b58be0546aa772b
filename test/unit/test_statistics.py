"""Numbers and dates of all trainings."""

import csv
import io
import json
from collections.abc import Callable
from datetime import (
    date,
    datetime,
    timedelta,
    timezone,
)
from typing import Any

import icalendar
import pytest
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.notifications.calendars import (
    feed,
    FeedEntry,
    new_calendar,
)
from galaxy_tiaas.reporting.responses import StatisticsResponses
from galaxy_tiaas.reporting.service import (
    PAGE_SIZE,
    StatisticsService,
)
from galaxy_tiaas.trainings.schema import Note
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.web.formats import script_json
from in_process import (
    ANONYMOUS,
    DURING,
    FIRST_DAY,
    InProcess,
    LAST_DAY,
    on_both_databases,
    SERVER,
)
from pydantic import BaseModel

_FIELDS = ("trainings", "ongoing", "upcoming", "finished", "waiting", "days", "attendance", "joined")


def _statements(galaxy: InProcess, action: Callable[[], object]) -> int:
    with galaxy.statements() as sent:
        action()
    return len(sent)


def _numbers(galaxy: InProcess, at: datetime = DURING) -> dict[str, int]:
    shown = galaxy[StatisticsService].show(at)
    return {field: getattr(shown, field) for field in _FIELDS}


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@on_both_databases
def test_a_server_without_trainings_has_zeros(galaxy: InProcess) -> None:
    assert _numbers(galaxy) == dict.fromkeys(_FIELDS, 0)
    shown = galaxy[StatisticsService].show(DURING)
    assert (shown.countries, shown.years) == ([], [])
    assert _rows(galaxy[StatisticsService].countries_csv()) == [["name", "code", "pop"]]
    assert _rows(galaxy[StatisticsService].numbers_csv()) == [
        ["id", "start", "end", "location", "use_gtn", "attendance"]
    ]


@on_both_databases
@pytest.mark.parametrize(
    "state, expected",
    [
        ("new", {"waiting": 1}),
        ("approved", {"trainings": 1, "ongoing": 1, "days": 3, "attendance": 20}),
        ("rejected", {}),
        ("cancelled", {}),
    ],
)
def test_only_approved_trainings_are_added_up(galaxy: InProcess, state: str, expected: dict[str, int]) -> None:
    galaxy.training(state=state, location=["DE"])
    assert _numbers(galaxy) == {**dict.fromkeys(_FIELDS, 0), **expected}
    approved = 1 if state == "approved" else 0
    assert len(galaxy[StatisticsService].show(DURING).countries) == approved
    assert len(galaxy[StatisticsService].show(DURING).years) == approved
    assert len(_rows(galaxy[StatisticsService].countries_csv())) == 1 + approved
    assert len(_rows(galaxy[StatisticsService].numbers_csv())) == 1 + approved
    assert len(galaxy[StatisticsService].calendar(SERVER)) == approved


@on_both_databases
def test_trainings_are_counted_by_phase_with_their_flexible_hours(galaxy: InProcess) -> None:
    galaxy.training()
    for now, phase in [
        (datetime(2026, 11, 15, 11, 59, 59), "upcoming"),
        (datetime(2026, 11, 15, 12), "ongoing"),
        (datetime(2026, 11, 19, 11, 59, 59), "ongoing"),
        (datetime(2026, 11, 19, 12), "finished"),
    ]:
        assert {p: _numbers(galaxy, now)[p] for p in ("upcoming", "ongoing", "finished")} == {
            **{"upcoming": 0, "ongoing": 0, "finished": 0},
            phase: 1,
        }


@on_both_databases
def test_days_are_counted_with_the_first_and_the_last(galaxy: InProcess) -> None:
    galaxy.training("one", start=date(2026, 6, 1), end=date(2026, 6, 1))
    galaxy.training("across-new-year", start=date(2026, 12, 31), end=date(2027, 1, 1), attendance=5)
    galaxy.training("leap", start=date(2028, 2, 28), end=date(2028, 3, 1), attendance=7)
    assert _numbers(galaxy)["days"] == 1 + 2 + 3
    assert [(y.year, y.trainings, y.days, y.attendance) for y in galaxy[StatisticsService].show(DURING).years] == [
        (2026, 2, 3, 25),
        (2028, 1, 3, 7),
    ]


@on_both_databases
def test_those_who_really_joined_are_counted_once_for_each_training(galaxy: InProcess) -> None:
    harry, ron, ginny = (galaxy.user(name) for name in ("harry", "ron", "ginny"))
    galaxy.training("a")
    galaxy.training("b")
    galaxy.training("c")
    galaxy.join("a", harry, ron, ginny)
    galaxy.join("b", harry)
    galaxy.join("c", harry)
    galaxy.foreign_group("training-of-lions", harry, ron)
    galaxy.delete_account(ginny)
    galaxy.perform(MembershipsService.leave, ron, "a", DURING)
    galaxy.decide("c", "cancelled")
    assert _numbers(galaxy)["joined"] == 2


@on_both_databases
def test_those_who_joined_are_counted_in_the_year_in_which_their_training_began(galaxy: InProcess) -> None:
    harry, ron = (galaxy.user(name) for name in ("harry", "ron"))
    galaxy.training("now")
    galaxy.training("soon", start=date(2027, 1, 4), end=date(2027, 1, 5))
    galaxy.training("later", start=date(2028, 1, 4), end=date(2028, 1, 5))
    galaxy.join("now", harry, ron)
    galaxy.join("soon", harry)
    shown = galaxy[StatisticsService].show(DURING)
    assert [(year.year, year.joined) for year in shown.years] == [(2026, 2), (2027, 1), (2028, 0)]
    assert shown.joined == 3


@on_both_databases
def test_admins_see_each_approved_training_and_the_number_in_every_state(galaxy: InProcess) -> None:
    galaxy.training("old", start=date(2025, 1, 6), end=date(2025, 1, 8), location=["DE", "FR"], attendance=12)
    galaxy.training("new", attendance=5)
    galaxy.training("asked", state="new")
    galaxy.training("refused", state="rejected")
    galaxy.join("new", galaxy.user("harry"), galaxy.user("ron"))
    numbers = galaxy[StatisticsService].numbers(galaxy.admin(), DURING, 1)
    assert [(t.identifier, t.days, t.location, t.attendance, t.joined) for t in numbers] == [
        ("new", 3, [], 5, 2),
        ("old", 3, ["DE", "FR"], 12, 0),
    ]


def test_the_detail_comes_in_pages_with_as_many_queries_for_many_trainings_as_for_few(galaxy: InProcess) -> None:
    def queries() -> int:
        galaxy.session.expire_all()
        return _statements(galaxy, lambda: galaxy[StatisticsService].numbers(SERVER, DURING, 1))

    galaxy.training("a0")
    few = queries()
    for number in range(1, PAGE_SIZE + 2):
        galaxy.training(f"a{number}")
    assert queries() == few
    pages = [galaxy[StatisticsService].numbers(SERVER, DURING, page) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [PAGE_SIZE, 2, 0]
    assert {page.total for page in pages} == {PAGE_SIZE + 2}
    assert len({t.identifier for page in pages for t in page}) == PAGE_SIZE + 2


def test_the_detail_is_for_admins_only(galaxy: InProcess) -> None:
    for actor in (ANONYMOUS, galaxy.user("minerva")):
        galaxy.refused(403, lambda actor=actor: galaxy[StatisticsService].numbers(actor, DURING, 1))  # type: ignore[misc]


@on_both_databases
def test_countries_come_with_the_most_trainings_first(galaxy: InProcess) -> None:
    galaxy.training("a", location=["DE", "NO"])
    galaxy.training("b", location=["NO", "AU"])
    galaxy.training("c", location=["NO"])
    galaxy.training("d", location=[])
    galaxy.training("e", location=["FR"], state="rejected")
    found = galaxy[StatisticsService].show(DURING).countries
    assert [(c.alpha2, c.code, c.numeric, c.name, c.trainings) for c in found] == [
        ("NO", "NOR", "578", "Norway", 3),
        ("AU", "AUS", "036", "Australia", 1),
        ("DE", "DEU", "276", "Germany", 1),
    ]


def test_the_file_of_countries_has_their_usual_names(galaxy: InProcess) -> None:
    galaxy.training(location=["VN"])
    assert galaxy[StatisticsService].countries_csv() == "name,code,pop\r\nVietnam,VNM,1\r\n"


def test_the_numbers_of_each_training_do_not_give_its_identifier_away(galaxy: InProcess) -> None:
    galaxy.training("first", location=["DE", "FR"], use_gtn=True, attendance=28)
    galaxy.training("waiting", state="new")
    galaxy.training("second", start=date(2026, 12, 1), end=date(2026, 12, 1))
    ids = [str(galaxy.find(identifier).id) for identifier in ("first", "second")]
    text = galaxy[StatisticsService].numbers_csv()
    assert _rows(text)[1:] == [
        [ids[0], "2026-11-16", "2026-11-18", "DE|FR", "Y", "28"],
        [ids[1], "2026-12-01", "2026-12-01", "", "N", "20"],
    ]
    assert not any(identifier in text for identifier in ("first", "second", "waiting"))


def test_files_for_excel_begin_with_a_byte_order_mark_and_are_else_the_same(galaxy: InProcess) -> None:
    galaxy.training(location=["CI"])
    responses = galaxy[StatisticsResponses]
    galaxy.keep_results()
    for make in (responses.countries_csv, responses.numbers_csv, responses.years_csv):
        plain, excel = make(DURING), make(DURING, excel=True)
        assert excel.content == b"\xef\xbb\xbf" + plain.content
        assert excel.etag != plain.etag
        assert make(DURING).content == plain.content
    assert "Côte d’Ivoire" in responses.countries_csv(DURING, excel=True).content.decode("utf-8-sig")


def test_no_text_of_an_instructor_becomes_a_formula_in_a_spreadsheet(galaxy: InProcess) -> None:
    """No such text is in the tables at all."""
    galaxy.training(title='=cmd|"/c calc"!A1, "x"\u2028')
    assert "cmd" not in galaxy[StatisticsService].numbers_csv() + galaxy[StatisticsService].countries_csv()


# Calendar


def _calendar(galaxy: InProcess, actor: Any = ANONYMOUS, *between: Any) -> list[dict[str, Any]]:
    return [event.model_dump(exclude_unset=True) for event in galaxy[StatisticsService].calendar(actor, *between)]


def test_the_public_sees_the_dates_alone(galaxy: InProcess) -> None:
    galaxy.training(location=["DE"])
    for actor in (ANONYMOUS, galaxy.user("minerva")):
        assert _calendar(galaxy, actor) == [{"start": FIRST_DAY, "end": LAST_DAY}]


def test_admins_see_what_it_is_and_where_to_look(galaxy: InProcess) -> None:
    galaxy.training(location=["DE"])
    for actor in (galaxy.admin(), SERVER):
        assert _calendar(galaxy, actor) == [
            {
                "start": FIRST_DAY,
                "end": LAST_DAY,
                "identifier": "gryffindor",
                "title": "Course gryffindor",
                "location": ["DE"],
                "attendance": 20,
                "url": "https://galaxy.example.org/tiaas/admin/trainings/gryffindor",
            }
        ]


@pytest.mark.parametrize(
    "first, last, found",
    [
        (None, None, True),
        (LAST_DAY, None, True),
        (date(2026, 11, 19), None, False),
        (None, FIRST_DAY, True),
        (None, date(2026, 11, 15), False),
        (date(2026, 11, 17), date(2026, 11, 17), True),
        (date(2026, 11, 1), date(2026, 11, 30), True),
        (date(2026, 11, 30), date(2026, 11, 1), False),
    ],
)
def test_a_training_is_on_the_calendar_of_every_day_it_touches(
    galaxy: InProcess, first: Any, last: Any, found: bool
) -> None:
    galaxy.training()
    assert len(_calendar(galaxy, ANONYMOUS, first, last)) == found


def test_the_calendar_is_in_the_order_of_dates(galaxy: InProcess) -> None:
    galaxy.training("b", start=date(2026, 12, 2), end=date(2026, 12, 2))
    galaxy.training("a", start=date(2026, 12, 3), end=date(2026, 12, 3))
    galaxy.training("c", start=date(2026, 12, 1), end=date(2026, 12, 30))
    assert [event["identifier"] for event in _calendar(galaxy, SERVER)] == ["c", "b", "a"]


def test_a_calendar_program_sees_whole_days_up_to_and_with_the_last(galaxy: InProcess) -> None:
    galaxy.training(title="Potions; brewing, with care\\")
    for actor, summary in ((ANONYMOUS, "Training"), (SERVER, "Potions; brewing, with care\\")):
        calendar = icalendar.Calendar.from_ical(galaxy[StatisticsService].icalendar(actor, DURING))
        (event,) = calendar.walk("VEVENT")
        assert event.decoded("dtstart") == FIRST_DAY
        assert event.decoded("dtend") == date(2026, 11, 19)
        assert str(event["summary"]) == summary
        assert str(event["uid"]).endswith("@galaxy.example.org")


def test_the_identity_of_a_calendar_entry_depends_on_no_request(galaxy: InProcess) -> None:
    """Else whoever asks under another name of this server has each entry twice."""
    galaxy.training()
    here, elsewhere = (
        galaxy[StatisticsService].icalendar(Actor(base_url=address), DURING)
        for address in ("https://galaxy.example.org", "https://forged.example.com")
    )
    uids = [icalendar.Calendar.from_ical(text).walk("VEVENT")[0]["uid"] for text in (here, elsewhere)]
    assert uids[0] == uids[1]


def test_a_training_that_was_ended_early_leaves_its_other_days_free(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.perform(TrainingsService.end, SERVER, "gryffindor", Note(), datetime(2026, 11, 17, 12))
    (event,) = galaxy[StatisticsService].calendar(ANONYMOUS)
    assert (event.start, event.end) == (FIRST_DAY, date(2026, 11, 17))
    (entry,) = icalendar.Calendar.from_ical(galaxy[StatisticsService].icalendar(ANONYMOUS, DURING)).walk("VEVENT")
    assert entry.decoded("dtend") == date(2026, 11, 18)


def test_a_training_that_was_ended_early_is_not_on_the_calendar_of_later_days(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.perform(TrainingsService.end, SERVER, "gryffindor", Note(), DURING)
    found = [len(_calendar(galaxy, ANONYMOUS, first)) for first in (FIRST_DAY, DURING.date(), LAST_DAY)]
    assert found == [1, 1, 0]


def test_a_training_that_was_ended_before_its_first_day_has_that_day(galaxy: InProcess) -> None:
    """Its window opens half a day earlier; an entry that ends before it begins would make no sense."""
    galaxy.training()
    galaxy.perform(TrainingsService.end, SERVER, "gryffindor", Note(), datetime(2026, 11, 15, 20))
    (event,) = galaxy[StatisticsService].calendar(ANONYMOUS)
    assert (event.start, event.end) == (FIRST_DAY, FIRST_DAY)


def test_a_calendar_without_trainings_has_a_component_all_the_same(galaxy: InProcess) -> None:
    """RFC 5545, 3.6: one at least; 3.6.5: what the definition of a time zone has to have."""
    text = galaxy[StatisticsService].icalendar(ANONYMOUS, DURING)
    calendar = icalendar.Calendar.from_ical(text)
    assert [component.name for component in calendar.walk()] == ["VCALENDAR", "VTIMEZONE", "STANDARD"]
    zone, standard = calendar.walk("VTIMEZONE")[0], calendar.walk("STANDARD")[0]
    assert str(zone["tzid"]) == "UTC"
    assert standard.decoded("tzoffsetfrom") == standard.decoded("tzoffsetto") == timedelta()
    assert b"\r\nDTSTART:19700101T000000\r\n" in text
    assert not [error for component in calendar.walk() for error in component.errors]
    galaxy.training()
    components = icalendar.Calendar.from_ical(galaxy[StatisticsService].icalendar(ANONYMOUS, DURING)).walk()
    assert [component.name for component in components] == ["VCALENDAR", "VEVENT"]


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (None, None, ["soon"]),
        (date(2020, 1, 1), None, ["past", "soon"]),
        (None, date(2099, 1, 1), ["soon", "later"]),
        (date(2024, 2, 2), date(2024, 2, 2), ["past"]),
        (date(2024, 2, 3), date(2024, 2, 4), []),
    ],
)
def test_a_calendar_may_have_more_or_fewer_days(galaxy: InProcess, first: Any, last: Any, found: list[str]) -> None:
    for title, day in (("past", date(2024, 2, 2)), ("soon", date(2027, 2, 2)), ("later", date(2030, 2, 2))):
        galaxy.training(title, title=title, start=day, end=day)
    for calendars in (galaxy[StatisticsService], galaxy[StatisticsResponses]):
        sent = calendars.icalendar(SERVER, DURING, first, last)
        text = sent if isinstance(sent, bytes) else sent.content
        assert [str(event["summary"]) for event in icalendar.Calendar.from_ical(text).walk("VEVENT")] == found


def test_a_calendar_to_subscribe_to_goes_two_years_ahead(galaxy: InProcess) -> None:
    galaxy.training()
    for days, found in ((730, 1), (731, 0)):
        earlier = datetime.combine(FIRST_DAY, datetime.min.time()) - timedelta(days=days)
        calendar = icalendar.Calendar.from_ical(galaxy[StatisticsService].icalendar(ANONYMOUS, earlier))
        assert len(calendar.walk("VEVENT")) == found


def test_a_calendar_to_subscribe_to_goes_back_one_year(galaxy: InProcess) -> None:
    galaxy.training()
    for days, found in ((365, 1), (366, 0)):
        later = datetime.combine(LAST_DAY, datetime.min.time()) + timedelta(days=days)
        calendar = icalendar.Calendar.from_ical(galaxy[StatisticsService].icalendar(ANONYMOUS, later))
        assert len(calendar.walk("VEVENT")) == found
    assert len(_calendar(galaxy, ANONYMOUS)) == 1


def test_the_calendar_of_the_public_names_no_training(galaxy: InProcess) -> None:
    galaxy.training()
    assert b"gryffindor" not in galaxy[StatisticsService].icalendar(ANONYMOUS, DURING)


def test_the_calendar_carries_the_name_of_who_offers_the_service(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(owner="Hogwarts, Ltd.")
    calendar = icalendar.Calendar.from_ical(galaxy[StatisticsService].icalendar(ANONYMOUS, DURING))
    assert "Hogwarts, Ltd." in str(calendar["x-wr-calname"])


def test_a_calendar_program_learns_what_has_changed_and_when_to_ask_again(galaxy: InProcess) -> None:
    galaxy.training()
    changed = galaxy.find("gryffindor").updated.replace(microsecond=0, tzinfo=timezone.utc)
    text = galaxy[StatisticsService].icalendar(ANONYMOUS, DURING)
    assert text == galaxy[StatisticsService].icalendar(ANONYMOUS, DURING)
    calendar = icalendar.Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    assert event.decoded("dtstamp") == event.decoded("last-modified") == changed
    assert str(event["transp"]) == "TRANSPARENT"
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT12H\r\n" in text
    assert not calendar.errors and not event.errors


def test_the_calendar_of_admins_leads_to_the_review(galaxy: InProcess) -> None:
    galaxy.training(location=["DE", "FR"])
    (event,) = icalendar.Calendar.from_ical(galaxy[StatisticsService].icalendar(galaxy.admin(), DURING)).walk("VEVENT")
    assert str(event["url"]) == "https://galaxy.example.org/tiaas/admin/trainings/gryffindor"
    assert str(event["location"]) == "Germany, France"
    (event,) = icalendar.Calendar.from_ical(galaxy[StatisticsService].icalendar(ANONYMOUS, DURING)).walk("VEVENT")
    assert not {"URL", "LOCATION", "DESCRIPTION"} & set(event)


def test_no_text_ends_the_script_element_that_holds_the_numbers() -> None:
    class Numbers(BaseModel):
        name: str

    name = "</script><!-- & \u2028"
    text = str(script_json(Numbers(name=name)))
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"name": name}


# As it is sent


def _changing_last(galaxy: InProcess) -> list[tuple[str, Callable[[], object]]]:
    """What changes one after the other, and how."""
    return [
        ("an approval", lambda: galaxy.training("b", location=["NO"])),
        ("a request", lambda: galaxy.training("c", state="new")),
        ("a join", lambda: galaxy.join("b", galaxy.user("harry"))),
        ("an early end", lambda: galaxy.perform(TrainingsService.end, SERVER, "b", Note(), DURING)),
        ("a rejection", lambda: galaxy.decide("b", "rejected")),
    ]


def _sent(galaxy: InProcess, actor: Actor, now: datetime = DURING) -> dict[str, bytes]:
    responses = galaxy[StatisticsResponses]
    return {
        "statistics": responses.show(now).json,
        "countries": responses.countries_csv(now).content,
        "numbers": responses.numbers_csv(now).content,
        "years": responses.years_csv(now).content,
        "calendar": responses.calendar(actor, now).content,
        "month": responses.calendar(actor, now, FIRST_DAY, LAST_DAY).content,
        "icalendar": responses.icalendar(actor, now).content,
    }


@on_both_databases
@pytest.mark.parametrize("actor", [ANONYMOUS, SERVER])
def test_what_is_sent_is_what_there_is_after_every_change(galaxy: InProcess, actor: Actor) -> None:
    galaxy.training("a", location=["DE", "FR"])
    service = galaxy[StatisticsService]
    galaxy.keep_results()
    for what, change in [("nothing", lambda: None), *_changing_last(galaxy)]:
        change()
        events = [event.model_dump(mode="json", exclude_unset=True) for event in service.calendar(actor)]
        sent = _sent(galaxy, actor)
        assert json.loads(sent["calendar"]) == events, what
        assert json.loads(sent["statistics"]) == service.show(DURING).model_dump(mode="json"), what
        assert sent["countries"].decode() == service.countries_csv(), what
        assert sent["numbers"].decode() == service.numbers_csv(), what
        assert sent["years"].decode() == service.years_csv(DURING), what
        assert sent["icalendar"] == service.icalendar(actor, DURING), what


def test_what_admins_are_sent_is_for_nobody_else(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.keep_results()
    for actor in (SERVER, ANONYMOUS, galaxy.admin(), galaxy.user("harry")):
        named = [b"gryffindor" in content for content in _sent(galaxy, actor).values()]
        assert any(named) == actor.is_admin
    galaxy.refused(403, lambda: galaxy[StatisticsResponses].numbers(ANONYMOUS, DURING, 1))


def test_links_lead_to_the_address_by_which_somebody_asks(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.keep_results()
    for address in ("https://galaxy.example.org", "https://other.example.org"):
        sent = _sent(galaxy, Actor(base_url=address, is_admin=True))
        assert all(f"{address}/tiaas/".encode() in sent[name] for name in ("calendar", "month", "icalendar"))


def test_while_nothing_changes_it_is_worked_out_once_in_five_minutes(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.keep_results()
    first = _sent(galaxy, ANONYMOUS)
    assert _statements(galaxy, lambda: _sent(galaxy, ANONYMOUS, DURING + timedelta(minutes=4))) == len(first)
    assert _statements(galaxy, lambda: _sent(galaxy, ANONYMOUS, DURING + timedelta(minutes=5))) > len(first)


@on_both_databases
def test_members_of_what_is_over_are_counted_once_in_five_minutes_and_others_at_once(galaxy: InProcess) -> None:
    harry, ron, earlier = galaxy.user("harry"), galaxy.user("ron"), timedelta(days=30)
    galaxy.training("over", start=FIRST_DAY - earlier, end=LAST_DAY - earlier)
    galaxy.join("over", harry, ron, at=DURING - earlier)
    galaxy.training("running")
    galaxy.keep_results()

    def joined(minutes: int) -> int:
        return galaxy[StatisticsResponses].show(DURING + timedelta(minutes=minutes)).value.joined

    assert joined(0) == 2
    galaxy.delete_account(ron)
    galaxy.join("running", harry)
    assert joined(1) == 3
    galaxy.perform(TrainingsService.end, SERVER, "running", Note(), DURING + timedelta(minutes=2))
    assert joined(3) == 3
    assert joined(5) == 2


@on_both_databases
def test_it_takes_as_many_queries_for_many_trainings_as_for_few(galaxy: InProcess) -> None:
    galaxy.training("a", location=["DE"])
    few = _statements(galaxy, lambda: _sent(galaxy, SERVER))
    for number in range(4):
        galaxy.training(f"a{number}", location=["DE", "FR"])
    assert _statements(galaxy, lambda: _sent(galaxy, SERVER)) == few <= 22


def test_the_same_content_has_the_same_tag_for_all_processes(galaxy: InProcess) -> None:
    galaxy.training("a")
    tags = {galaxy[StatisticsResponses].calendar(ANONYMOUS, DURING).etag for _ in range(2)}
    galaxy.training("b")
    assert len(tags) == 1 and galaxy[StatisticsResponses].calendar(ANONYMOUS, DURING).etag not in tags


@pytest.mark.parametrize(
    "text",
    [
        "Potions",
        "Potions; brewing, with care\\",
        "Zaubertränke für Anfängerinnen und Anfänger, die schon immer einmal einen Kessel rühren wollten",
        "x" * 66,
        "x" * 67,
        "two\nlines\r\nand\tmore",
        "",
    ],
)
def test_a_feed_is_what_the_library_would_write(text: str) -> None:
    at = datetime(2026, 11, 1, 3, 4, 5, 678)
    first, last = date(2026, 11, 16), date(2026, 12, 31)
    given = FeedEntry(first, last, 1, at, at, text, text, text and "https://galaxy.example.org/" + "y" * 80, text)
    for site in ("https://galaxy.example.org", ""):
        calendar, event = new_calendar(), icalendar.Event()
        host = "galaxy.example.org" if site else "20261101030405000678.galaxy-tiaas.invalid"
        event.add("uid", f"training-1@{host}")
        event.add("summary", text)
        for name in ("dtstamp", "last-modified"):
            event.add(name, at.replace(tzinfo=timezone.utc))
        event.add("dtstart", first)
        event.add("dtend", date(2027, 1, 1))
        event.add("transp", "TRANSPARENT")
        if text:
            event.add("location", text)
            event.add("url", given.url)
            event.add("description", text)
        calendar.add_component(event)
        assert feed(new_calendar(), [given], site) == calendar.to_ical()
