"""Where the rows of the last hours begin is looked for once in two minutes."""

from datetime import (
    datetime,
    timedelta,
)

from galaxy_tiaas.dashboard.activity_manager import (
    ActivityManager,
    JobIdWatermarks,
)
from in_process import (
    DURING,
    InProcess,
)
from sqlalchemy import func

_SINCE = datetime(2026, 3, 2, 12, 0, 0)
_SECOND = timedelta(seconds=1)


class _Search:
    def __init__(self) -> None:
        self.asked: list[datetime] = []

    def __call__(self, since: datetime) -> int:
        self.asked.append(since)
        return len(self.asked)


def test_what_was_found_serves_for_two_minutes_and_no_longer() -> None:
    watermarks, search = JobIdWatermarks(), _Search()
    found = [watermarks.since("job", _SINCE + number * _SECOND, search) for number in (0, 5, 119, 120, 121)]
    assert found == [1, 1, 1, 2, 2]


def test_the_search_begins_at_or_before_the_time_in_question() -> None:
    """Else rows would be missed."""
    watermarks, search = JobIdWatermarks(), _Search()
    for number in range(0, 400, 27):
        watermarks.since("job", _SINCE + number * _SECOND, search)
        assert timedelta() <= _SINCE + number * _SECOND - search.asked[-1] < timedelta(minutes=2)


def test_tables_and_hours_are_kept_apart() -> None:
    watermarks, search = JobIdWatermarks(), _Search()
    found = [
        watermarks.since(table, since, search)
        for table in ("job", "invocation")
        for since in (_SINCE, _SINCE - timedelta(hours=1))
    ]
    assert found == [1, 2, 3, 4]


def test_where_an_end_is_found_stays_and_is_searched_for_until_then() -> None:
    watermarks, answers = JobIdWatermarks(), iter([None, None, 7])
    found = [watermarks.after("job", _SINCE, lambda _: next(answers)) for _ in range(5)]
    assert found == [None, None, 7, 7, 7]


def test_an_end_is_looked_for_at_its_very_time_and_not_mistaken_for_a_beginning() -> None:
    watermarks, search = JobIdWatermarks(), _Search()
    assert watermarks.since("job", _SINCE, search) == 1
    assert [watermarks.after("job", _SINCE + number * _SECOND, search) for number in (0, 1, 0)] == [2, 3, 2]
    assert watermarks.after("invocation", _SINCE, search) == 4
    assert search.asked[1:] == [_SINCE, _SINCE + _SECOND, _SINCE]


def test_jobs_that_come_later_are_in_a_window_that_was_found_before(galaxy: InProcess) -> None:
    harry = galaxy.user("harry")
    galaxy.training()
    galaxy.join("gryffindor", harry)
    galaxy.job(harry, "cat1", "ok", at=DURING - timedelta(hours=1), count=3)
    activity, training = galaxy[ActivityManager], galaxy.find("gryffindor")
    counts = []
    for _ in range(2):
        scope = activity.scope(training, DURING - timedelta(hours=3), False)
        counts.append(galaxy.session.scalar(activity.jobs(scope, func.count())))
        galaxy.job(harry, "cat1", "ok", at=DURING - timedelta(hours=2), count=4)
    assert counts == [3, 7]
