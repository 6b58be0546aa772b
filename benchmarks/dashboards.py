"""The live dashboards of classes of several sizes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Optional

from classroom import Classroom
from fixtures import GalaxyServer

from .client import Client
from .measure import (
    Call,
    COLD,
    Measurement,
    Sample,
    total_of,
    WrongAnswer,
)
from .present import (
    LiveClass,
    work,
)
from .sizes import Sizes

#: Times of `users/current`.
FIRST = 25
STATUS = 6
HELD = 0.9
REPEATED_OTHERS = 1.5
RESOURCE = 10
PAGE = 12
SMALL = 2.5
WATCHED = 2
STATUS_PATH, PAGE_PATH = "/api/tiaas/trainings/{}/status", "/join-training/{}/status"
JOBS_PER_MEMBER = 20
#: What is measured of classes that grow.
GROWING = ("status", "page")
#: Of Galaxy, to see what it takes to look at a class after one.
STARTS = 3
#: In each of the classes that differ in their jobs.
MEMBERS = 300


@dataclass(frozen=True)
class Classes:
    """Those that are measured: a large and a small one, and two series that grow."""

    large: LiveClass
    small: LiveClass
    by_members: list[LiveClass]
    by_jobs: list[LiveClass]

    @property
    def growing(self) -> list[LiveClass]:
        return [*self.by_members, *self.by_jobs]


@dataclass(frozen=True)
class Grown:
    """What was measured of classes by how many members or jobs they have: :data:`GROWING`."""

    by_members: dict[int, list[Sample]]
    by_jobs: dict[int, list[Sample]]


def classes(sizes: Sizes) -> Classes:
    members = sorted({10, sizes.most_members // 50, sizes.most_members // 5, sizes.most_members})
    jobs = sorted({sizes.most_jobs // 200, sizes.most_jobs // 10, sizes.most_jobs})
    most = min(MEMBERS, sizes.most_members)
    return Classes(
        LiveClass("large-class", sizes.large_class, sizes.large_class_jobs),
        LiveClass("small-class", sizes.small_class, sizes.small_class_jobs),
        [LiveClass(f"members-{number}", number, number * JOBS_PER_MEMBER) for number in members],
        [LiveClass(f"jobs-{number}", most, number) for number in jobs],
    )


def measure(
    galaxy: GalaxyServer,
    classroom: Classroom,
    measurement: Measurement,
    classes: Classes,
    say: Callable[[str], None],
) -> list[Sample]:
    """The large class and the small one, one call after the other."""
    admin, visitor = Client(galaxy.url, classroom.admin.api_key), Client(galaxy.url)
    large, small = classes.large, classes.small
    call = partial(_call, galaxy)
    calls = [
        call("status of the large class", STATUS_PATH, large, admin, STATUS),
        call("status of the small class", STATUS_PATH, small, admin, SMALL),
        call("page of the small class", PAGE_PATH, small, admin),
        call("status of the large class, anonymous", STATUS_PATH, large, visitor, STATUS),
        *(
            call(f"{name} of the large class", f"/api/tiaas/trainings/{{}}/{name}", large, admin, RESOURCE)
            for name in ("progress", "help", "activity")
        ),
        call("page of the large class", PAGE_PATH, large, admin, PAGE),
        call("live part of the page of the large class", f"{PAGE_PATH}/live", large, admin, PAGE),
    ]
    first = _first(galaxy, measurement, calls[0], calls[1])
    for live in (large, small):
        _check_count(galaxy, admin, live, say)
    samples = measurement.calls(calls)
    measurement.count(calls, samples)
    say("Viewers")
    viewers = measurement.viewers(calls[0], WATCHED)
    return [*first, *(sample for sample in samples if sample.times), viewers]


def _first(galaxy: GalaxyServer, measurement: Measurement, large: Call, small: Call) -> list[Sample]:
    """When nobody has looked at a class before, and after a start of Galaxy."""
    named = Sample(f"{large.what}, the first of all, when its members are given names")
    started = Sample(f"{large.what}, the first since the start", FIRST)
    next_class = Sample(f"{small.what}, the first, after that")
    measurement.first(large, named)
    for _ in range(STARTS):
        galaxy.restart()
        measurement.warm_up()
        measurement.first(large, started)
        measurement.first(small, next_class)
    return [named, started, next_class]


def grow(
    galaxy: GalaxyServer,
    classroom: Classroom,
    measurement: Measurement,
    classes: Classes,
    say: Callable[[str], None],
) -> Grown:
    """Classes that only differ in how many members or jobs they have, in turns: none may be asked all the time."""
    admin = Client(galaxy.url, classroom.admin.api_key)
    for live in classes.growing:
        _check_count(galaxy, admin, live, say)
    calls = [
        _call(galaxy, f"{what} of {live.identifier}", path, live, admin)
        for what, path in zip(GROWING, (STATUS_PATH, PAGE_PATH), strict=True)
        for live in classes.growing
    ]
    found = {sample.what: sample for sample in measurement.calls(calls)}
    grown = {live: [found[f"{what} of {live.identifier}{COLD}"] for what in GROWING] for live in classes.growing}
    return Grown(
        {live.members: grown[live] for live in classes.by_members},
        {live.jobs: grown[live] for live in classes.by_jobs},
    )


def _call(
    galaxy: GalaxyServer, what: str, path: str, live: LiveClass, client: Client, target: Optional[float] = None
) -> Call:
    held = HELD if path == STATUS_PATH else REPEATED_OTHERS
    return Call(
        what, path.format(live.identifier), client, target, held, live.identifier, partial(work, galaxy.engine, live)
    )


def _check_count(galaxy: GalaxyServer, admin: Client, live: LiveClass, say: Callable[[str], None]) -> None:
    """Fast and wrong would be no use."""
    generated, total = total_of(admin, STATUS_PATH.format(live.identifier))
    count = galaxy.query(
        "SELECT count(*) FROM job WHERE create_time >= CAST(:generated AS timestamp) - interval '3 hours'"
        " AND create_time <= CAST(:generated AS timestamp) AND user_id IN ("
        "SELECT user_id FROM user_group_association uga JOIN galaxy_group g ON g.id = uga.group_id"
        " WHERE g.name = :group)",
        generated=generated.rstrip("Z"),
        group=f"training-{live.identifier}",
    )[0][0]
    if count != total:
        raise WrongAnswer(f"the status of {live.identifier} counts {total} jobs, the database has {count}")
    say(f"{live.identifier}: {total:,} jobs in three hours, as the database says")
