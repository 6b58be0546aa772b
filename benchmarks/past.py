"""Two years of a busy server: users, histories, jobs and workflow invocations; and trainings that are over.

Straight into Galaxy's tables, in the order of time, as ids grow with it. Nothing
here depends on the hour of the run, so that one seeded database serves many.
Trainings are not in that database: a run has none at first, then more and more.
"""

from collections.abc import Callable
from datetime import (
    date,
    datetime,
    timedelta,
)

from galaxy_tiaas.core.model import Training
from galaxy_tiaas.reporting.usage import Usage
from galaxy_tiaas.trainings.states import TrainingState
from sqlalchemy import (
    Connection,
    Engine,
    text,
)
from sqlalchemy.orm import Session

from .sizes import Sizes

YEARS = timedelta(days=730)
HISTORIES_PER_USER = 3
WORKFLOWS = 20
JOBS_PER_INVOCATION = 25
JOBS_AT_ONCE = 500_000

_SHED = "toolshed.g2.bx.psu.edu/repos"
_NAMES = (
    "bwa_mem bowtie2 hisat2 star fastqc multiqc trimmomatic fastp cutadapt featurecounts deseq2 stringtie "
    "samtools_sort samtools_flagstat bcftools_call freebayes snpeff macs2_callpeak deeptools_bamcoverage quast "
    "spades unicycler prokka kraken2 krona scanpy_filter anndata_manipulate seurat_preprocessing busco flye"
).split()
_VERSIONS = "2.3+galaxy0 2.2+galaxy1 1.3+galaxy2 1.2+galaxy0 0.3 0.2".split()
BUILT_IN_TOOLS = "__DATA_FETCH__ upload1 cat1 Cut1 Filter1 Grep1 sort1 join1 Show_beginning1 addValue".split()
#: Most used first: several versions of each, as servers keep them.
TOOLS = [
    *BUILT_IN_TOOLS,
    *(
        f"{_SHED}/iuc/{name}/{name}/{major}.{minor}+galaxy0"
        for major in (2, 1, 0)
        for minor in (3, 2)
        for name in _NAMES
    ),
]

_USERS = """
    INSERT INTO galaxy_user (id, create_time, update_time, email, username, password, external, deleted, purged,
                             disk_usage, active)
    SELECT n, :start, :start, 'person' || n || '@example.org', 'person' || n, 'PBKDF2$sha256$none', false,
           n % 50 = 0, false, (n::bigint * 7919 * 1000003) % 200000000000, true
    FROM generate_series(1, :users) n
"""
_HISTORIES = """
    INSERT INTO history (id, create_time, update_time, user_id, name, hid_counter, deleted, purged, importing,
                         genome_build, importable, published, archived)
    SELECT n, :start, :start, 1 + (n - 1) % :users, 'Unnamed history', 20, false, false, false, '?', false, false, false
    FROM generate_series(1, :histories) n
"""
# A few people run most of the jobs, and a few tools are most of what they run.
_JOBS = """
    INSERT INTO job (id, create_time, update_time, history_id, tool_id, tool_version, galaxy_version, state,
                     command_line, job_stdout, job_stderr, tool_stdout, tool_stderr, exit_code, user_id,
                     job_runner_name, job_runner_external_id, destination_id, object_store_id, imported, handler)
    SELECT n, created, created + lasted * interval '1 second', person + :users * chosen_history,
           (CAST(:tools AS text[]))[chosen_tool], '1.0', '26.1',
           CASE WHEN fate < 0.88 THEN 'ok' WHEN fate < 0.96 THEN 'error' WHEN fate < 0.99 THEN 'deleted'
                ELSE 'paused' END,
           'tool --input /data/datasets/000/dataset_' || n || '.dat --output /data/jobs/' || n || '/outputs/out.dat '
           || repeat('--parameter value ', 10 + (n % 20)::int),
           '', '', 'done', '', 0, person, 'slurm', (n + 1000000)::text, 'slurm', 'files1', false, 'handler' || n % 4
    FROM (
        SELECT n, CAST(:start AS timestamp) + n * CAST(:step AS interval) AS created,
               1 + floor(power(random(), 2) * :users)::int AS person,
               floor(random() * :histories_per_user)::int AS chosen_history,
               1 + floor(power(random(), 2) * :tool_count)::int AS chosen_tool,
               random() AS fate, floor(power(random(), 3) * 20000)::int AS lasted
        FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n
    ) drawn
"""
_WORKFLOWS = (
    """
    INSERT INTO stored_workflow (id, create_time, update_time, user_id, name, deleted, hidden, importable, published)
    SELECT n, :start, :start, n, 'Workflow ' || n, false, false, true, true FROM generate_series(1, :workflows) n
    """,
    """
    INSERT INTO workflow (id, create_time, update_time, stored_workflow_id, name, has_cycles, has_errors, uuid)
    SELECT n, :start, :start, n, 'Workflow ' || n, false, false, md5('workflow' || n)
    FROM generate_series(1, :workflows) n
    """,
    "UPDATE stored_workflow SET latest_workflow_id = id",
    """
    INSERT INTO workflow_invocation (id, create_time, update_time, workflow_id, state, scheduler, handler, uuid,
                                     history_id)
    SELECT n, created, created + interval '1 minute', 1 + n % :workflows, 'scheduled', 'core', 'handler0',
           md5('invocation' || n), 1 + floor(random() * :histories)::int
    FROM (
        SELECT n, CAST(:start AS timestamp) + n * CAST(:step AS interval) * :jobs_per_invocation AS created
        FROM generate_series(1, :invocations) n
    ) drawn
    """,
)
_COHORTS = (
    """
    INSERT INTO galaxy_group (create_time, update_time, name, deleted)
    SELECT CAST(:start AS timestamp), CAST(:start AS timestamp), 'training-past-' || n, false
    FROM generate_series(:first, :last) n
    """,
    """
    INSERT INTO role (create_time, update_time, name, description, type, deleted)
    SELECT CAST(:start AS timestamp), CAST(:start AS timestamp), 'training-past-' || n, '', 'system', false
    FROM generate_series(:first, :last) n
    """,
    """
    INSERT INTO user_group_association (user_id, group_id, create_time, update_time)
    SELECT DISTINCT 1 + floor(random() * :users)::int, g.id, CAST(:start AS timestamp), CAST(:start AS timestamp)
    FROM generate_series(:first, :last) training
    JOIN galaxy_group g ON g.name = 'training-past-' || training, generate_series(1, :members)
    """,
)
_SEQUENCES = "galaxy_user history job stored_workflow workflow workflow_invocation".split()


def seed_past(engine: Engine, sizes: Sizes, say: Callable[[str], None]) -> None:
    """Fill the empty tables of a Galaxy that has been started once."""
    today = datetime.combine(date.today(), datetime.min.time())
    values = {
        "start": today - YEARS,
        "step": YEARS / sizes.jobs,
        "users": sizes.users,
        "histories": sizes.users * HISTORIES_PER_USER,
        "histories_per_user": HISTORIES_PER_USER,
        "tools": TOOLS,
        "tool_count": len(TOOLS),
        "workflows": WORKFLOWS,
        "jobs_per_invocation": JOBS_PER_INVOCATION,
        "invocations": sizes.jobs // JOBS_PER_INVOCATION,
    }
    with engine.begin() as connection:
        without_checks(connection)
        for statement in (_USERS, _HISTORIES, *_WORKFLOWS):
            connection.execute(text(statement), values)
        for first in range(1, sizes.jobs + 1, JOBS_AT_ONCE):
            last = min(first + JOBS_AT_ONCE - 1, sizes.jobs)
            connection.execute(text(_JOBS), {**values, "first": first, "last": last})
            say(f"{last:,} of {sizes.jobs:,} jobs")
        for table in _SEQUENCES:
            connection.execute(text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"))


def seed_trainings(engine: Engine, sizes: Sizes, first: int, last: int) -> None:
    """Trainings that are over, redacted and counted, by numbers, with group, role and members."""
    start = datetime.combine(date.today(), datetime.min.time()) - YEARS
    values = {"start": start, "users": sizes.users, "members": sizes.past_members, "first": first, "last": last}
    with engine.begin() as connection:
        without_checks(connection)
        for statement in _COHORTS:
            connection.execute(text(statement), values)
        cohorts = "SELECT g.name, g.id, r.id FROM galaxy_group g JOIN role r ON r.name = g.name WHERE g.name LIKE :past"
        ids = {row[0]: (row[1], row[2]) for row in connection.execute(text(cohorts), {"past": "training-past-%"})}
    with Session(engine) as session:
        for number in range(first, last + 1):
            group_id, role_id = ids[f"training-past-{number}"]
            session.add(_training(number, sizes, date.today(), group_id, role_id))
        session.commit()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE tiaas_training, user_group_association, galaxy_group, role"))


def without_checks(connection: Connection) -> None:
    """For this transaction, no foreign keys and no triggers; and the same random numbers each time."""
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    connection.execute(text("SELECT setseed(0.5)"))


def _training(number: int, sizes: Sizes, today: date, group_id: int, role_id: int) -> Training:
    # The first of them all over the two years, and any further ones again.
    day = today - YEARS + (YEARS - timedelta(days=3)) * (number % sizes.past_trainings) / sizes.past_trainings
    ended = datetime.combine(day, datetime.min.time())
    training = Training(
        identifier=f"past-{number}",
        title=f"Course {number}",
        attendance=sizes.past_members,
        state=TrainingState.APPROVED.value,
        requester_id=1 + number % sizes.users,
        group_id=group_id,
        role_id=role_id,
        # All of them, or the first thing that Galaxy does is to redact two years of trainings.
        redacted_at=ended + timedelta(days=60),
    )
    training.set_days(day, day + timedelta(days=number % 3), "UTC")
    # After the days, with which it is forgotten: else, Galaxy would count it for minutes.
    training.usage = Usage(
        ended + timedelta(days=3),
        people=sizes.past_members,
        jobs=20 * sizes.past_members,
        job_seconds=20 * 300 * sizes.past_members,
        core_seconds=20 * 600 * sizes.past_members,
    )
    training.location = ["DE"]
    return training
