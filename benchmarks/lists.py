"""Lists, single requests and the numbers of all trainings."""

from collections.abc import Callable
from datetime import timedelta

from classroom import (
    Classroom,
    days_from_now,
    FUTURE,
    ok,
)
from fixtures import GalaxyServer

from .client import Client
from .measure import Call

#: Times of `users/current`: of the first call after something has changed, and of those that follow.
COLD_NUMBERS, WARM_NUMBERS = 3, 1.5
#: Once there are ten times as many trainings.
COLD_MANY_NUMBERS = 8
LIST = 2.5


def calls(galaxy: GalaxyServer, classroom: Classroom, identifier: str, cold_numbers: float) -> list[Call]:
    """Those of visitors, of an instructor and of an admin.

    :param identifier: of a new request; each call for numbers comes after a change of it.
    """
    visitor, admin = Client(galaxy.url), Client(galaxy.url, classroom.admin.api_key)
    instructor = Client(galaxy.url, classroom.instructor.api_key)
    admins_page, instructors_page = (
        Client(galaxy.url, headers={"cookie": f"galaxysession={galaxy.login(user).cookies['galaxysession']}"})
        for user in (classroom.admin, classroom.instructor)
    )
    change = _changes(classroom, identifier)
    month = f"start={days_from_now(timedelta(days=-15))}&end={days_from_now(timedelta(days=45))}"
    numbers = {
        "statistics, page": "/tiaas/stats/",
        "`numbers.csv`": "/tiaas/numbers.csv",
        "`events.json` of two months": f"/tiaas/calendar/events.json?{month}",
        "`calendar.ics`": "/tiaas/calendar.ics",
    }
    lists = {
        "list of requests, API": ("/api/tiaas/trainings", admin),
        "list of requests, page": ("/tiaas/admin/", admins_page),
        "one request, API": (f"/api/tiaas/trainings/{identifier}", admin),
        "one request, page": (f"/tiaas/admin/trainings/{identifier}", admins_page),
        "my trainings, API": ("/api/tiaas/trainings?mine=true", instructor),
        "my trainings, page": ("/tiaas/trainings/", instructors_page),
    }
    return [
        *(Call(what, path, visitor, cold_numbers, WARM_NUMBERS, before=change) for what, path in numbers.items()),
        *(Call(what, path, client, repeated_target=LIST) for what, (path, client) in lists.items()),
    ]


def open_requests(classroom: Classroom) -> str:
    """A few requests that wait for a decision, as on a busy server; the identifier of one."""
    identifiers = [classroom.request(title=f"Course {number}", advertise=True) for number in range(30)]
    for identifier in identifiers[:10]:
        ok(classroom.decide(identifier, "approved"))
    return identifiers[-1]


def _changes(classroom: Classroom, identifier: str) -> Callable[[], object]:
    numbers = iter(range(30, 1_000_000))

    def change() -> object:
        dates = {"start": days_from_now(FUTURE), "end": days_from_now(FUTURE)}
        changed = {**dates, "attendance": next(numbers)}
        return ok(classroom.put(f"trainings/{identifier}", classroom.admin, json=changed))

    return change
