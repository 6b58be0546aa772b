"""How many SQL statements requests cost, counted in the mounted application, Galaxy's own look-ups included.

Transaction control is not counted, and commits are counted apart. A budget is raised only with a reason in the commit.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import (
    Any,
    Optional,
    Union,
)

import pytest
import requests
from classroom import (
    Classroom,
    NOW,
    ok,
)
from fixtures import (
    GalaxyServer,
    User,
    wait_until,
)

#: As a browser opens a page that somebody has typed the address of.
_VISIT = {
    "sec-fetch-site": "none",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
    "sec-fetch-user": "?1",
    "accept": "text/html",
}
_SCRIPT = {"x-requested-with": "XMLHttpRequest"}
_CHANGES = re.compile(r"INSERT|UPDATE|DELETE|.*\bFOR UPDATE\b", re.IGNORECASE | re.DOTALL)
#: Results are kept for seconds: one of so many polls finds them.
_POLLS = 5


@dataclass
class Log:
    """The statements of one request."""

    statements: list[str]
    commits: int

    @property
    def ours(self) -> list[str]:
        """All from the first that reads one of our tables: before, Galaxy finds out who asks."""
        first = next(number for number, statement in enumerate(self.statements) if "tiaas_" in statement)
        return self.statements[first:]

    @property
    def lookups(self) -> int:
        """How often a training was looked up by what the address says."""
        return len([statement for statement in self.statements if "WHERE tiaas_training.identifier =" in statement])


@dataclass
class Counter:
    """Asks the server, and reads what it sent to the database meanwhile."""

    galaxy: GalaxyServer
    file: Path

    def ask(
        self, method: str, path: str, who: Union[User, requests.Session], headers: Optional[dict[str, str]] = None
    ) -> Log:
        """A request with a key, or with the cookies of a browser."""
        self.file.unlink(missing_ok=True)
        sent = {"x-log-statements": str(self.file), **(headers or {})}
        client: Any = who
        if isinstance(who, User):
            client, sent = requests, {**sent, "x-api-key": who.api_key}
        response = client.request(method, f"{self.galaxy.url}{path}", headers=sent, timeout=120)
        assert response.status_code == 200, response.text
        # The answer may be here before the server has written its last line.
        wait_until(lambda: self.file.exists() and self.file.read_text().endswith("}"), "a list of statements")
        return Log(**json.loads(self.file.read_text()))

    def ask_warm(self, path: str, who: Union[User, requests.Session]) -> Log:
        """A request whose answer was worked out for somebody before."""
        logs = [self.ask("GET", path, who) for _ in range(1 + _POLLS)]
        return min(logs[1:], key=lambda log: len(log.statements))


@pytest.fixture
def galaxy(galaxy_sqlite: GalaxyServer) -> GalaxyServer:
    """One process, so that what it keeps is found again."""
    return galaxy_sqlite


@pytest.fixture
def counter(galaxy: GalaxyServer, tmp_path: Path) -> Counter:
    return Counter(galaxy, tmp_path / "statements.json")


def _within(budget: int, statements: list[str]) -> None:
    assert len(statements) <= budget, "\n".join(" ".join(statement.split())[:200] for statement in statements)


def _join_path(classroom: Classroom) -> str:
    return f"/api/tiaas/trainings/{classroom.approved(NOW)}/join"


def test_joining_with_a_cookie(classroom: Classroom, counter: Counter) -> None:
    path, browser = _join_path(classroom), counter.galaxy.login(classroom.trainee)
    first, again = (counter.ask("POST", path, browser, _SCRIPT) for _ in range(2))
    _within(8, first.statements)
    assert (first.commits, first.lookups) == (1, 1)
    _within(4, again.statements)
    assert (again.commits, again.lookups) == (0, 1)


def test_joining_with_a_key(classroom: Classroom, counter: Counter) -> None:
    path = _join_path(classroom)
    first, again = (counter.ask("POST", path, classroom.trainee) for _ in range(2))
    _within(8, first.ours)
    _within(4, again.ours)


def test_joining_again_writes_and_locks_nothing(classroom: Classroom, counter: Counter) -> None:
    path = _join_path(classroom)
    counter.ask("POST", path, classroom.trainee)
    again = counter.ask("POST", path, classroom.trainee)
    assert again.commits == 0
    assert not [statement for statement in again.statements if _CHANGES.match(statement)]


def test_visiting_the_join_link(classroom: Classroom, counter: Counter) -> None:
    path, browser = f"/join-training/{classroom.approved(NOW)}", counter.galaxy.login(classroom.trainee)
    first, again = (counter.ask("GET", path, browser, _VISIT) for _ in range(2))
    _within(8, first.statements)
    assert (first.commits, first.lookups) == (1, 1)
    _within(4, again.statements)
    assert (again.commits, again.lookups) == (0, 1)


def _class(classroom: Classroom) -> str:
    """A class in which everything is in use that polls show: steps, a raised hand, a question with an answer."""
    identifier = classroom.approved(NOW)
    path = f"trainings/{identifier}"
    steps = {"steps": [{"tool_id": "cat1", "label": "Concatenate"}, {"tool_id": "sort1", "label": "Sort"}]}
    ok(classroom.put(f"{path}/dashboard", classroom.instructor, json=steps))
    ok(classroom.join(identifier, classroom.trainee))
    ok(classroom.put(f"{path}/hand", classroom.trainee, json={"raised": True}))
    ok(classroom.post(f"{path}/question", classroom.instructor, json={"text": "Ready?"}))
    ok(classroom.put(f"{path}/answer", classroom.trainee, json={"done": True}))
    return identifier


def test_the_poll_of_a_trainee(classroom: Classroom, counter: Counter) -> None:
    path = f"/api/tiaas/trainings/{_class(classroom)}/membership"
    poll = counter.ask("GET", path, counter.galaxy.login(classroom.trainee))
    _within(5, poll.statements)
    assert (poll.commits, poll.lookups) == (0, 1)
    _within(5, counter.ask("GET", path, classroom.trainee).ours)


@pytest.mark.parametrize("page", ["/join-training/{}/status/live", "/api/tiaas/trainings/{}/status"])
@pytest.mark.parametrize("who, budget", [("trainee", 4), ("instructor", 5)])
def test_a_warm_poll_of_the_dashboard(classroom: Classroom, counter: Counter, page: str, who: str, budget: int) -> None:
    path, person = page.format(_class(classroom)), getattr(classroom, who)
    poll = counter.ask_warm(path, counter.galaxy.login(person))
    _within(budget, poll.statements)
    assert (poll.commits, poll.lookups) == (0, 1)
    _within(budget, counter.ask_warm(path, person).ours)


@pytest.mark.parametrize("path, budget", [("/api/tiaas/trainings?limit=25", 6), ("/tiaas/admin/", 8)])
def test_a_list_of_requests_whatever_their_number(
    classroom: Classroom, counter: Counter, path: str, budget: int
) -> None:
    browser = counter.galaxy.login(classroom.admin)
    classroom.request(location=["GB", "FR"])
    # Without a group on the page, no members are counted.
    classroom.approved(NOW)
    few = counter.ask("GET", path, browser)
    for number in range(3):
        identifier = classroom.request(location=["GB"], instructors=[f"nobody{number}"])
        ok(classroom.decide(identifier, "approved"))
        ok(classroom.put(f"trainings/{identifier}", classroom.instructor, json={"attendance": 30 + number}))
    many = counter.ask("GET", path, browser)
    _within(budget, many.statements)
    assert len(many.statements) == len(few.statements)


def test_my_trainings(classroom: Classroom, counter: Counter) -> None:
    identifier = classroom.approved(NOW)
    ok(classroom.join(identifier, classroom.trainee))
    _within(8, counter.ask("GET", "/tiaas/trainings/", counter.galaxy.login(classroom.trainee)).statements)
    _within(7, counter.ask("GET", "/tiaas/trainings/", counter.galaxy.login(classroom.instructor)).statements)


@pytest.mark.parametrize(
    "path, budget",
    [
        ("/tiaas/stats.csv", 1),
        ("/tiaas/numbers.csv", 1),
        ("/tiaas/stats/", 2),
        ("/tiaas/calendar/", 2),
        ("/tiaas/calendar/events.json", 2),
        ("/tiaas/calendar.ics", 2),
        ("/api/tiaas/statistics", 2),
        ("/api/tiaas/calendar", 2),
    ],
)
def test_numbers_and_calendars_that_were_worked_out_before(
    classroom: Classroom, counter: Counter, path: str, budget: int
) -> None:
    classroom.approved(NOW)
    _within(budget, counter.ask_warm(path, counter.galaxy.login(classroom.trainee)).statements)
