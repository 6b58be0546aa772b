"""How dates and moments are written for people."""

import re
from datetime import (
    date,
    datetime,
    timedelta,
)
from pathlib import Path
from typing import Optional

import galaxy.web_client as web_client
import pytest
from galaxy_tiaas.core.wording import duration
from galaxy_tiaas.membership.pseudonyms import SHAPES
from galaxy_tiaas.trainings.states import CHANGE_SOURCES
from galaxy_tiaas.web.formats import (
    change,
    distance,
    done_by,
    linked,
    shape_icon,
    source,
    spoken,
    time_until,
    tool_id,
    until,
    urgency,
)

TODAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 17, 12)


@pytest.mark.parametrize(
    ("starts", "days", "words"),
    [
        (12, 1, "in 12 days"),
        (1, 1, "tomorrow"),
        (0, 3, "today"),
        (-1, 3, "began yesterday"),
        (-2, 3, "began 2 days ago"),
        (-3, 3, "ended yesterday"),
        (-9, 3, "ended 7 days ago"),
    ],
)
def test_the_distance_is_that_of_the_next_thing_to_happen_or_the_last(starts: int, days: int, words: str) -> None:
    start = TODAY + timedelta(days=starts)
    assert distance(start, start + timedelta(days=days - 1), TODAY) == words


@pytest.mark.parametrize(("starts", "word"), [(-5, "late"), (0, "late"), (1, "soon"), (10, "soon"), (11, "")])
def test_a_request_is_late_when_its_days_have_come_and_soon_within_the_notice_period(starts: int, word: str) -> None:
    assert urgency(TODAY + timedelta(days=starts), TODAY, 10) == word


@pytest.mark.parametrize(
    "timezone, text",
    [
        ("UTC", "Wednesday 18 November, 23:30 UTC"),
        ("America/New_York", "Wednesday 18 November, 23:30 UTC (18:30 in America/New_York)"),
        ("Asia/Kolkata", "Wednesday 18 November, 23:30 UTC (Thursday 05:00 in Asia/Kolkata)"),
    ],
)
def test_without_a_script_a_moment_is_told_in_utc_and_in_the_time_of_the_training(timezone: str, text: str) -> None:
    element = spoken(datetime(2026, 11, 18, 23, 30), timezone)
    assert element == f'<time datetime="2026-11-18T23:30:00Z" data-style="spoken">{text}</time>'


@pytest.mark.parametrize(
    "distance, text",
    [
        (timedelta(seconds=5), "in 1 minute"),
        (timedelta(seconds=-5), "in 1 minute"),
        (timedelta(minutes=40, seconds=10), "in 40 minutes"),
        (timedelta(minutes=119), "in 119 minutes"),
        (timedelta(hours=2), "in 2 hours"),
        (timedelta(hours=47, minutes=20), "in 47 hours"),
        (timedelta(days=2), "in 2 days"),
        (timedelta(days=300, hours=23), "in 10 months"),
    ],
)
def test_a_distance_is_told_in_the_largest_unit_that_says_enough(distance: timedelta, text: str) -> None:
    assert time_until(NOW + distance, NOW) == text


@pytest.mark.parametrize(
    "seconds, text",
    [
        (1, "1 minute"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (5400, "90 minutes"),
        (7201, "3 hours"),
        (86400, "24 hours"),
    ],
)
def test_a_duration_is_rounded_up_to_minutes_or_hours(seconds: int, text: str) -> None:
    assert duration(seconds) == text


def test_every_shape_has_an_icon_of_its_own_in_galaxys_stylesheet() -> None:
    icons = [shape_icon(shape) for shape in SHAPES]
    assert len(set(icons)) == len(SHAPES)
    stylesheet = (Path(web_client.__file__).parent / "dist" / "base.css").read_text()
    assert [icon for icon in icons if f".{icon}:before" not in stylesheet] == []


def test_a_shape_that_no_page_knows_is_a_circle() -> None:
    assert shape_icon("dodecahedron") == shape_icon(None) == "fa-circle"


@pytest.mark.parametrize(
    "username, via, words",
    [
        ("minerva", "page", "minerva"),
        ("minerva", "api", "minerva through the API"),
        ("minerva", None, "minerva"),
        (None, "lifecycle", "the server"),
        (None, "command", "the command line"),
        (None, "import", "the import"),
        (None, "page", "somebody"),
        (None, "api", "somebody through the API"),
        (None, None, "–"),
    ],
)
def test_a_history_says_who_did_it_and_how(username: Optional[str], via: Optional[str], words: str) -> None:
    """Nobody is known by name of whom the server does not know it any more."""
    assert done_by(username, via) == words


@pytest.mark.parametrize("via", CHANGE_SOURCES)
def test_every_door_has_a_name(via: str) -> None:
    assert source(via) != via


@pytest.mark.parametrize(
    "name, old, new, words",
    [
        ("resources", False, True, "resources: off → on"),
        ("ended_at", None, "2026-11-17T12:00:00Z", "ended early: – → 17 November 2026, 12:00 UTC"),
        ("end", "2026-11-18", "2026-11-20", "last day: 18 November 2026 → 20 November 2026"),
        ("instructors", ["a"], ["b"], "other instructors changed"),
        ("title", "", "T", "title: – → T"),
    ],
)
def test_a_change_is_told_in_words(name: str, old: object, new: object, words: str) -> None:
    assert change(name, old, new) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [(13, "in 13 days"), (14, "in 2 weeks"), (61, "in 2 months"), (-400, "13 months ago"), (-800, "2 years ago")],
)
def test_many_days_are_told_in_weeks_months_and_years(days: int, words: str) -> None:
    assert until(TODAY + timedelta(days=days), TODAY) == words


def test_what_was_ended_early_says_so_though_its_last_day_is_still_to_come() -> None:
    assert distance(TODAY, TODAY + timedelta(days=3), TODAY, ended=TODAY) == "ended early, today"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (None, ""),
        ("No <b>link</b> & no tag", "No &lt;b&gt;link&lt;/b&gt; &amp; no tag"),
        ("See https://example.org/a?b=1&c=2.", "See {https://example.org/a?b=1&amp;c=2}."),
        ("(http://example.org/) and\nhttps://x.org/y, z", "({http://example.org/}) and\n{https://x.org/y}, z"),
        ('https://x.org/"onclick="a', "{https://x.org/}&#34;onclick=&#34;a"),
        ("javascript:alert(1) https://", "javascript:alert(1) https://"),
        ("www.x.org/a?b&c;d@x.org", "{www.x.org/a?b&amp;c;d@x.org}"),
        ("e.g. <www.x.org>,v1.2", "e.g. &lt;{www.x.org}&gt;,v1.2"),
    ],
)
def test_web_addresses_in_what_somebody_wrote_are_links_and_all_the_rest_is_text(
    text: Optional[str], shown: str
) -> None:
    link = re.compile(r"\{((?:https?://)?)([^}]*)\}")
    opening = '<a href="{}{}" target="_blank" rel="noopener noreferrer">'
    expected = link.sub(lambda found: f"{opening.format(found[1] or 'https://', found[2])}{found[0][1:-1]}</a>", shown)
    assert linked(text) == expected


def test_a_tool_is_named_by_the_id_that_a_list_of_tools_takes_where_such_a_list_is_typed() -> None:
    assert tool_id("upload1") == "upload1"
    assert tool_id("toolshed.g2.bx.psu.edu/repos/devteam/bwa/bwa_mem/0.7.17") == "bwa_mem"
