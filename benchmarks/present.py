"""The last 64 hours: classes that are at work, and everybody else."""

from collections.abc import (
    Iterable,
    Sequence,
)
from dataclasses import dataclass
from datetime import (
    datetime,
    timedelta,
)
from typing import Any

from classroom import (
    Classroom,
    ok,
)
from galaxy.model.orm.now import now
from sqlalchemy import (
    Engine,
    text,
)

from .past import (
    HISTORIES_PER_USER,
    TOOLS,
    without_checks,
    WORKFLOWS,
    YEARS,
)
from .sizes import Sizes

RECENT = timedelta(hours=64)
#: A little less than three hours, so that all of it is still in the window when the benchmark ends.
LESSON = timedelta(minutes=160)
#: What a class does, one after the other.
LESSON_TOOLS = TOOLS[10:30]


@dataclass(frozen=True)
class LiveClass:
    """One training that is going on, and how many are in it."""

    identifier: str
    members: int
    jobs: int


# Every so manieth user, so that the class has heavy users and light ones, who have jobs of two years.
_MEMBERS = """
    INSERT INTO user_group_association (user_id, group_id, create_time, update_time)
    SELECT u.id, g.id, CAST(:now AS timestamp) - CAST(:lesson AS interval),
           CAST(:now AS timestamp) - CAST(:lesson AS interval)
    FROM galaxy_user u, galaxy_group g
    WHERE NOT u.deleted AND u.id % :stride = :first AND g.name = 'training-' || :identifier
    ORDER BY u.id LIMIT :members
"""
_COURSE_HISTORIES = """
    INSERT INTO history (create_time, update_time, user_id, name, hid_counter, deleted, purged, importing,
                         genome_build, importable, published, archived)
    SELECT uga.create_time, uga.create_time, uga.user_id, 'Course ' || :identifier, 20, false, false, false, '?',
           false, false, false
    FROM user_group_association uga JOIN galaxy_group g ON g.id = uga.group_id
    WHERE g.name = 'training-' || :identifier
"""
_TAG = "INSERT INTO tag (type, name) VALUES (0, :identifier)"
_TAGS = """
    INSERT INTO history_tag_association (history_id, tag_id, user_id, user_tname, value, user_value)
    SELECT h.id, t.id, h.user_id, :identifier, '', ''
    FROM history h, tag t
    WHERE h.name = 'Course ' || :identifier AND t.name = :identifier AND h.user_id % 2 = 0
"""
# One row for each job to come. What a member does follows from the time: they are all somewhere near the same tool.
_CLASS_JOBS = """
    INSERT INTO drawn (created, person, history_id, tool_id, fate, wait, lasted)
    SELECT CAST(:now AS timestamp) - age * CAST(:lesson AS interval), person, history_id,
           (CAST(:tools AS text[]))[
               greatest(1, least(:tool_count, ceil((1 - age) * :tool_count + pace * 4 - 2)::int))],
           random(), floor(power(random(), 3) * 600)::int, floor(power(random(), 2) * 300)::int
    FROM (SELECT row_number() OVER () AS place, user_id AS person, id AS history_id, random() AS pace
          FROM history WHERE name = 'Course ' || :identifier) member
    JOIN (SELECT 1 + floor(random() * (SELECT count(*) FROM history WHERE name = 'Course ' || :identifier))::bigint
                 AS place, random() AS age
          FROM generate_series(1, :jobs)) job USING (place)
"""
_OTHER_JOBS = """
    INSERT INTO drawn (created, person, history_id, tool_id, fate, wait, lasted)
    SELECT CAST(:now AS timestamp) - age * CAST(:span AS interval), person,
           person + :users * floor(random() * :histories_per_user)::int,
           (CAST(:tools AS text[]))[chosen_tool],
           random(), floor(power(random(), 3) * 3600)::int, floor(power(random(), 2) * 3600)::int
    FROM (SELECT random() AS age, 1 + floor(power(random(), 2) * :users)::int AS person,
                 1 + floor(power(random(), 2) * :tool_count)::int AS chosen_tool
          FROM generate_series(1, :jobs)) job
"""
# Numbered in the order of time. A job is where its waiting and running times let it be by now.
_NUMBERED = """
    CREATE TEMPORARY TABLE numbered ON COMMIT DROP AS
    SELECT (SELECT max(id) FROM job) + row_number() OVER (ORDER BY created) AS id, created, person, history_id,
           tool_id, created + wait * interval '1 second' AS started,
           created + (wait + lasted) * interval '1 second' AS ended,
           CASE WHEN fate < 0.010 THEN 'paused'
                WHEN fate < 0.015 THEN 'waiting'
                WHEN fate < 0.030 THEN 'deleted'
                WHEN created > CAST(:now AS timestamp) - interval '20 seconds' THEN 'new'
                WHEN created + wait * interval '1 second' > :now THEN 'queued'
                WHEN created + (wait + lasted) * interval '1 second' > :now THEN 'running'
                WHEN fate < 0.100 THEN 'error'
                WHEN fate < 0.103 THEN 'failed'
                WHEN fate < 0.105 THEN 'stopped'
                WHEN fate < 0.107 THEN 'skipped'
                ELSE 'ok' END AS state
    FROM drawn
"""
# No handler of this Galaxy: it would try to go on with them.
_JOBS = """
    INSERT INTO job (id, create_time, update_time, history_id, tool_id, tool_version, galaxy_version, state,
                     command_line, job_stdout, job_stderr, tool_stdout, tool_stderr, exit_code, user_id,
                     job_runner_name, job_runner_external_id, destination_id, object_store_id, imported, handler)
    SELECT id, created,
           CASE state WHEN 'new' THEN created WHEN 'paused' THEN created WHEN 'waiting' THEN created
                      WHEN 'queued' THEN created + interval '1 second' WHEN 'running' THEN started
                      ELSE least(ended, :now) END,
           history_id, tool_id, '1.0', '26.1', state,
           'tool --input /data/datasets/000/dataset_' || id || '.dat --output /data/jobs/' || id || '/outputs/out.dat '
           || repeat('--parameter value ', 10 + (id % 20)::int),
           '', '', 'done', '', CASE WHEN state IN ('ok', 'error', 'failed') THEN 0 END, person, 'slurm',
           (id + 1000000)::text, 'slurm', 'files1', false, 'handler' || id % 4
    FROM numbered ORDER BY id
"""
_STATE_HISTORY = """
    INSERT INTO job_state_history (create_time, job_id, state)
    SELECT time, id, entered
    FROM (
        SELECT id, created AS time, 'new' AS entered FROM numbered
        UNION ALL
        SELECT id, created + interval '1 second', 'queued' FROM numbered
        WHERE state NOT IN ('new', 'paused', 'waiting')
        UNION ALL
        SELECT id, started, 'running' FROM numbered WHERE state NOT IN ('new', 'paused', 'waiting', 'queued', 'deleted')
        UNION ALL
        SELECT id, least(ended, :now), state FROM numbered WHERE state NOT IN ('new', 'queued', 'running')
    ) entries
    ORDER BY time
"""
_INVOCATIONS = """
    INSERT INTO workflow_invocation (create_time, update_time, workflow_id, state, scheduler, handler, uuid, history_id)
    SELECT created, created + interval '1 minute', 1 + place % :workflows,
           CASE WHEN fate < 0.7 THEN 'scheduled' WHEN fate < 0.9 THEN 'completed' WHEN fate < 0.95 THEN 'failed'
                ELSE 'cancelled' END,
           'core', 'handler0', md5(random()::text), history_id
    FROM (
        SELECT id AS place, history_id, created, random() AS fate FROM numbered WHERE id % :jobs_per_invocation = 0
    ) job
    ORDER BY created
"""


# What happens in five seconds: some jobs end, others are submitted.
_WORK = (
    """
    UPDATE job SET state = 'ok', update_time = :now WHERE id IN (
        SELECT j.id FROM job j JOIN user_group_association uga ON uga.user_id = j.user_id
        JOIN galaxy_group g ON g.id = uga.group_id
        WHERE g.name = 'training-' || :identifier AND j.state IN ('queued', 'running') LIMIT :jobs)
    """,
    """
    INSERT INTO job (create_time, update_time, history_id, tool_id, tool_version, galaxy_version, state, user_id,
                     imported, handler)
    SELECT :now, :now, history_id, tool_id, '1.0', '26.1', 'queued', user_id, false, 'handler0'
    FROM (
        SELECT h.id AS history_id, h.user_id, CAST(:tool AS text) AS tool_id
        FROM history h WHERE h.name = 'Course ' || :identifier ORDER BY h.id LIMIT :jobs
    ) someone
    """,
)


def open_classes(classroom: Classroom, classes: Iterable[LiveClass]) -> None:
    """The trainings, requested and approved as people do."""
    steps = [{"tool_id": tool_id} for tool_id in LESSON_TOOLS]
    for live in classes:
        classroom.approved(identifier=live.identifier, title=live.identifier, attendance=live.members)
        ok(classroom.put(f"trainings/{live.identifier}/dashboard", classroom.instructor, json={"steps": steps}))


def work(engine: Engine, live: LiveClass) -> None:
    """The class goes on, as much as it does in five seconds."""
    jobs = max(1, round(live.jobs * (timedelta(seconds=5) / LESSON)))
    values = {"identifier": live.identifier, "jobs": jobs, "now": now(), "tool": LESSON_TOOLS[-1]}
    with engine.begin() as connection:
        for statement in _WORK:
            connection.execute(text(statement), values)


def seed_present(engine: Engine, sizes: Sizes, classes: Sequence[LiveClass]) -> None:
    """Members, and what they and all others did until now; then the planner's statistics."""
    until = now()
    with engine.begin() as connection:
        without_checks(connection)
        connection.execute(
            text(
                "CREATE TEMPORARY TABLE drawn (created timestamp, person int, history_id int, tool_id text,"
                " fate float, wait int, lasted int) ON COMMIT DROP"
            )
        )
        for first, live in enumerate(classes, start=1):
            values = _values_of_class(live, first, sizes, until)
            for statement in (_MEMBERS, _COURSE_HISTORIES, _TAG, _TAGS, _CLASS_JOBS):
                connection.execute(text(statement), values)
        ordinary = round(sizes.jobs * (RECENT / YEARS))
        for jobs, span in ((ordinary, RECENT), (sizes.other_jobs, LESSON)):
            values = {
                "now": until,
                "jobs": jobs,
                "span": span,
                "users": sizes.users,
                "histories_per_user": HISTORIES_PER_USER,
                "tools": TOOLS,
                "tool_count": len(TOOLS),
            }
            connection.execute(text(_OTHER_JOBS), values)
        values = {"now": until, "workflows": WORKFLOWS, "jobs_per_invocation": 30}
        for statement in (_NUMBERED, _JOBS, _STATE_HISTORY, _INVOCATIONS):
            connection.execute(text(statement), values)
        connection.execute(text("SELECT setval('job_id_seq', (SELECT max(id) FROM job))"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _values_of_class(live: LiveClass, first: int, sizes: Sizes, until: datetime) -> dict[str, Any]:
    # Not quite as wide as possible: some accounts are deleted.
    stride = sizes.users * 9 // (10 * live.members)
    return {
        "identifier": live.identifier,
        "members": live.members,
        "jobs": live.jobs,
        "first": first % stride,
        "stride": stride,
        "now": until,
        "lesson": LESSON,
        "tools": LESSON_TOOLS,
        "tool_count": len(LESSON_TOOLS),
    }
