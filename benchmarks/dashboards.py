"""The live dashboards of classes of several sizes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import Optional

from classroom import Classroom
from fixtures import GalaxyServer

from .client import Client
from .measure import (
    Call,
    COLD,
    Measurement,
    REPEATED,
    Sample,
    total_of,
    UNCHANGED,
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
JOBS_PER_MEMBER = 20
#: What is measured of classes that grow.
GROWING = ("status", "page")
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
    def all(self) -> list[LiveClass]:
        return [self.large, self.small, *self.by_members, *self.by_jobs]


@dataclass(frozen=True)
class Found:
    """What was measured: the two classes, and the growing ones by how many members or jobs they have."""

    samples: list[Sample]
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
) -> Found:
    admin, visitor = Client(galaxy.url, classroom.admin.api_key), Client(galaxy.url)

    status, page = "/api/tiaas/trainings/{}/status", "/join-training/{}/status"

    def call(what: str, path: str, live: LiveClass, target: Optional[float], client: Client = admin) -> Call:
        held = HELD if path == status else REPEATED_OTHERS
        before = partial(work, galaxy.engine, live)
        return Call(what, path.format(live.identifier), client, target, held, live.identifier, before)

    large, small = classes.large, classes.small
    calls = [
        call("status of the large class", status, large, STATUS),
        call("status of the small class", status, small, SMALL),
        call("page of the small class", page, small, None),
        call("status of the large class, anonymous", status, large, STATUS, visitor),
        *(
            call(f"{name} of the large class", f"/api/tiaas/trainings/{{}}/{name}", large, RESOURCE)
            for name in ("progress", "help", "activity")
        ),
        call("page of the large class", page, large, PAGE),
        call("live part of the page of the large class", f"{page}/live", large, PAGE),
    ]
    samples = [measurement.first(calls[0], FIRST), measurement.first(calls[1])]
    growing = [*classes.by_members, *classes.by_jobs]
    # Before anything is measured: fast and wrong would be no use.
    for live in (large, small, *growing):
        _check_count(galaxy, admin, live, status.format(live.identifier), say)
    series = [
        call(f"{what} of {live.identifier}", path, live, None)
        for what, path in zip(GROWING, (status, page), strict=True)
        for live in growing
    ]
    # In turns: while nothing of one class may be asked, others are.
    turns = [one for pair in zip_longest(calls, series) for one in pair if one]
    found = {sample.what: sample for sample in measurement.calls(turns)}
    grown = {live: [found[f"{what} of {live.identifier}{COLD}"] for what in GROWING] for live in growing}
    measurement.count(calls, [*found.values()])
    ordered = [found[f"{one.what}{kind}"] for one in calls for kind in (COLD, REPEATED, UNCHANGED)]
    say("Viewers")
    return Found(
        [*samples, *(sample for sample in ordered if sample.times), measurement.viewers(calls[0], WATCHED)],
        {live.members: grown[live] for live in classes.by_members},
        {live.jobs: grown[live] for live in classes.by_jobs},
    )


def _check_count(galaxy: GalaxyServer, admin: Client, live: LiveClass, path: str, say: Callable[[str], None]) -> None:
    generated, total = total_of(admin, path)
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
