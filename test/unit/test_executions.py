"""How far a class is where collections, workflow runs and repeated jobs come in: against the rows of the database."""

import random
from collections import Counter
from collections.abc import (
    Callable,
    Sequence,
)
from dataclasses import dataclass
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
)

import pytest
import sqlalchemy
from galaxy.model import (
    Dataset,
    History,
    HistoryDatasetAssociation,
    ImplicitCollectionJobs,
    ImplicitCollectionJobsJobAssociation,
    Job,
    JobParameter,
    JobToInputDatasetAssociation,
    JobToOutputDatasetAssociation,
    Workflow,
    WorkflowInvocation,
    WorkflowInvocationStep,
    WorkflowInvocationToSubworkflowInvocationAssociation,
    WorkflowStep,
)
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.dashboard.help_service import HelpService
from galaxy_tiaas.dashboard.schema import (
    DashboardUpdate,
    StepPayload,
    TrainingProgress,
)
from galaxy_tiaas.dashboard.service import StatusService
from galaxy_tiaas.dashboard.step_service import (
    DashboardsService,
    ProgressService,
)
from galaxy_tiaas.membership.service import MembershipsService
from in_process import (
    account_of,
    DURING,
    InProcess,
    on_both_databases,
    SERVER,
)

#: 29 steps, of which those from 9 to 14 are a subworkflow; some tools are there several times.
_BEFORE = "fastqc fastqc cutadapt fastqc fastqc star star samtools_sort".split()
_INNER = "featurecounts cut featurecounts cut join sort1".split()
_AFTER = "deseq2 filter filter cut sort1 heatmap goseq filter heatmap multiqc volcano cut join pathview multiqc".split()
_TOOLS = [*_BEFORE, *_INNER, *_AFTER]


@dataclass
class Rows:
    """What Galaxy writes down of tools that somebody executes."""

    galaxy: InProcess
    now: datetime = DURING - timedelta(minutes=50)

    def insert(self, table: Any, **values: Any) -> int:
        row = self.galaxy.session.execute(sqlalchemy.insert(table).values(**values).returning(table.id))
        return int(row.scalar_one())

    def datasets(self, count: int) -> list[int]:
        return [self.insert(HistoryDatasetAssociation) for _ in range(count)]

    def job(self, by: Actor, tool: str, state: str, inputs: Sequence[int] = (), **parameters: str) -> int:
        self.now += timedelta(seconds=1)
        times = {"create_time": self.now, "update_time": self.now}
        job_id = self.insert(Job, user_id=by.user_id, tool_id=tool, state=state, **times)
        for number, dataset_id in enumerate(inputs):
            self.insert(JobToInputDatasetAssociation, job_id=job_id, dataset_id=dataset_id, name=f"input{number}")
        for name, value in parameters.items():
            self.insert(JobParameter, job_id=job_id, name=name, value=value)
        return job_id

    def mapped(self, by: Actor, tool: str, states: Sequence[str], inputs: Sequence[int]) -> tuple[int, list[int]]:
        """One request for the elements of a collection."""
        request = self.insert(ImplicitCollectionJobs, populated_state="ok")
        job_ids = [
            self.job(by, tool, state, [id], **{"input|__identifier__": "a"})
            for state, id in zip(states, inputs, strict=True)
        ]
        for number, job_id in enumerate(job_ids):
            values = {"implicit_collection_jobs_id": request, "job_id": job_id, "order_index": number}
            self.insert(ImplicitCollectionJobsJobAssociation, **values)
        return request, job_ids

    def workflow(self, tools: Sequence[Any]) -> "Copy":
        """A workflow with these tools; a list of tools is a subworkflow."""
        workflow = Copy(self.insert(Workflow, name="RNA"), [])
        # Step 0 is an input.
        for number, tool in enumerate(tools, start=1):
            inner = self.workflow(tool) if isinstance(tool, list) else None
            of = {"type": "subworkflow", "subworkflow_id": inner.id} if inner else {"type": "tool", "tool_id": tool}
            step = self.insert(WorkflowStep, workflow_id=workflow.id, order_index=number, config={}, **of)
            workflow.steps.append((step, inner))
        return workflow

    def run(self, by: Actor, workflow: "Copy") -> "Run":
        """A run of a workflow, without any job."""
        history = self.insert(History, user_id=by.user_id)
        _, steps = self._run(history, workflow)
        return Run(self, by, steps)

    def _run(self, history: int, workflow: "Copy") -> tuple[int, list[tuple[int, int]]]:
        """A run, and of each step that has a tool the run that it is in, in their order."""
        times = {"create_time": DURING, "update_time": DURING, "state": "scheduled"}
        run = self.insert(WorkflowInvocation, workflow_id=workflow.id, history_id=history, **times)
        found: list[tuple[int, int]] = []
        for step, inner in workflow.steps:
            if inner:
                inner_run, of_inner = self._run(history, inner)
                values = {"subworkflow_invocation_id": inner_run, "workflow_step_id": step}
                self.insert(WorkflowInvocationToSubworkflowInvocationAssociation, workflow_invocation_id=run, **values)
                found += of_inner
            else:
                found.append((run, step))
        return run, found


@dataclass
class Copy:
    """A workflow with its steps, of which some are other workflows."""

    id: int
    steps: list[tuple[int, Optional["Copy"]]]


@dataclass
class Run:
    rows: Rows
    by: Actor
    steps: list[tuple[int, int]]

    def execute(self, number: int, tool: str, states: Sequence[str], inputs: Sequence[int]) -> list[int]:
        """The step with this number, from 0; of more than one state, on a collection."""
        run, step = self.steps[number]
        if len(states) == 1:
            job_ids = [self.rows.job(self.by, tool, states[0], inputs[:1])]
            origin = {"job_id": job_ids[0]}
        else:
            request, job_ids = self.rows.mapped(self.by, tool, states, inputs)
            origin = {"implicit_collection_jobs_id": request}
        self.rows.insert(WorkflowInvocationStep, workflow_invocation_id=run, workflow_step_id=step, **origin)
        return job_ids


@pytest.fixture
def galaxy(make_galaxy: Callable[..., InProcess]) -> InProcess:
    return make_galaxy(status_refresh_seconds=0)


def _class(galaxy: InProcess, size: int, tools: Sequence[str]) -> list[Actor]:
    galaxy.training()
    people = [galaxy.user(f"student{number}") for number in range(size)]
    galaxy.join("gryffindor", *people, at=DURING - timedelta(hours=1))
    update = DashboardUpdate(steps=[StepPayload(tool_id=tool) for tool in tools])
    galaxy.perform(DashboardsService.update, SERVER, "gryffindor", update, DURING)
    return people


def _progress(galaxy: InProcess) -> TrainingProgress:
    galaxy.session.commit()
    return galaxy.perform(ProgressService.progress, SERVER, "gryffindor", DURING).value


def _shown(galaxy: InProcess, person: Actor) -> str:
    """The steps of one person: ``failed(1/3)``."""
    name = galaxy.perform(MembershipsService.show, person, "gryffindor", DURING).pseudonym
    (user,) = [user for user in _progress(galaxy).users if user.pseudonym == name]
    elements = {each.position: f"({each.count}/{each.total})" for each in user.elements}
    states = [state.value + elements.get(place, "") for place, state in enumerate(user.states, start=1)]
    return " ".join(states).replace("not_started", "-")


#: Of each person and step: how many elements are failed, running, queued and done, by the newest job of each. Steps of
#: workflow runs are told by their place in the workflow; others are numbered by their inputs within the same tool.
_BY_STEP = """
WITH jobs AS (
    SELECT j.id, j.user_id, j.tool_id, j.state, j.create_time, max(i.dataset_id) AS input,
           coalesce(max(m.implicit_collection_jobs_id), -j.id) AS request
    FROM job j JOIN job_to_input_dataset i ON i.job_id = j.id
    LEFT JOIN implicit_collection_jobs_job_association m ON m.job_id = j.id
    WHERE j.state <> 'deleted' GROUP BY j.id, j.user_id, j.tool_id, j.state, j.create_time
), newest AS (
    SELECT user_id, tool_id, input, max(id) AS id, min(id) AS first_id FROM jobs GROUP BY user_id, tool_id, input
), elements AS (
    SELECT n.user_id, n.tool_id, n.input, last.state, last.create_time, first.request, first.id AS first_id
    FROM newest n JOIN jobs last ON last.id = n.id JOIN jobs first ON first.id = n.first_id
)
SELECT e.user_id, e.tool_id, e.request, max(e.input) AS input,
       max(coalesce(inner_step.order_index + 100 * outer_step.order_index, 100 * inner_step.order_index)) AS place,
       sum(CASE WHEN e.state = 'error' THEN 1 ELSE 0 END) AS failed,
       sum(CASE WHEN e.state = 'running' THEN 1 ELSE 0 END) AS running,
       sum(CASE WHEN e.state IN ('queued', 'new', 'paused') THEN 1 ELSE 0 END) AS queued,
       count(*) AS elements, max(e.create_time) AS newest
FROM elements e
LEFT JOIN workflow_invocation_step s ON s.job_id = e.first_id OR s.implicit_collection_jobs_id = e.request
LEFT JOIN workflow_step inner_step ON inner_step.id = s.workflow_step_id
LEFT JOIN workflow_invocation_to_subworkflow_invocation_association a
  ON a.subworkflow_invocation_id = s.workflow_invocation_id
LEFT JOIN workflow_step outer_step ON outer_step.id = a.workflow_step_id
GROUP BY e.user_id, e.tool_id, e.request
"""


def _expected(found: Sequence[Any], people: Sequence[Actor]) -> dict[int, list[str]]:
    """The states of the 29 steps of each person, from the rows of that query."""
    #: As the query numbers places: the subworkflow is the ninth step.
    places = [100 * number for number in range(1, 9)]
    places += [900 + number for number in range(1, 7)] + [100 * number for number in range(10, 25)]
    expected: dict[int, list[str]] = {account_of(person).id: ["-"] * len(_TOOLS) for person in people}
    for row in sorted(found, key=lambda row: (row.place is None, row.input)):
        states = expected[row.user_id]
        if row.place is not None:
            place = places.index(row.place)
        else:
            place = next(n for n, tool in enumerate(_TOOLS) if tool == row.tool_id and states[n] == "-")
        for state in ("failed", "running", "queued"):
            if count := getattr(row, state):
                states[place] = state + (f"({count}/{row.elements})" if row.elements > 1 else "")
                break
        else:
            states[place] = "done"
    return expected


def _expected_to_fail(found: Sequence[Any]) -> set[int]:
    """Those with a failure since they succeeded last."""
    succeeded, failed = (
        {row.user_id: row.newest for row in sorted(found, key=lambda row: row.newest) if counts(row)}
        for counts in (lambda row: not (row.failed or row.running or row.queued), lambda row: row.failed)
    )
    return {user_id for user_id, at in failed.items() if user_id not in succeeded or at > succeeded[user_id]}


@on_both_databases
def test_a_class_of_20_with_29_steps_is_where_its_rows_say(galaxy: InProcess) -> None:
    """Half of them run the workflow, each their own copy; the others execute its tools one by one."""
    people = _class(galaxy, 20, _TOOLS)
    rows, chance = Rows(galaxy), random.Random(17)
    for number, person in enumerate(people):
        run = rows.run(person, rows.workflow([*_BEFORE, _INNER, *_AFTER])) if number % 2 else None
        reached = chance.randint(0, len(_TOOLS))
        inputs = {place: rows.datasets(chance.choice([1, 1, 3, 5])) for place in range(reached)}
        order = list(inputs)
        # Galaxy begins steps as their inputs come, people as they like.
        for _ in range(5):
            if reached > 1:
                place = chance.randrange(reached - 1)
                order[place], order[place + 1] = order[place + 1], order[place]
        for place in order:
            in_work = place >= reached - 2
            states = chance.choices(
                ["ok", "error", "running", "queued", "paused"] if in_work else ["ok", "ok", "ok", "error"],
                k=len(inputs[place]),
            )
            if run:
                run.execute(place, _TOOLS[place], states, inputs[place])
            elif len(states) == 1:
                rows.job(person, _TOOLS[place], states[0], inputs[place])
            else:
                rows.mapped(person, _TOOLS[place], states, inputs[place])
            # What failed is repeated by some, element by element.
            for state, dataset_id in zip(states, inputs[place], strict=True):
                if state == "error" and chance.random() < 0.5:
                    rows.job(person, _TOOLS[place], chance.choice(["ok", "ok", "error", "running"]), [dataset_id])
    progress = _progress(galaxy)
    found = galaxy.query(_BY_STEP)
    expected = _expected(found, people)
    assert {account_of(person).id: _shown(galaxy, person).split() for person in people} == expected
    plain = [[state.partition("(")[0] for state in of_person] for of_person in expected.values()]
    for place, step in enumerate(progress.steps):
        counts = Counter(of_person[place].replace("-", "not_started") for of_person in plain)
        assert step.counts.model_dump() == {name: counts[name] for name in step.counts.model_dump()}
    positions = Counter(max((n for n, s in enumerate(of_person, 1) if s != "-"), default=0) for of_person in plain)
    assert {step.position: step.here for step in progress.steps if step.here} == {
        position: count for position, count in positions.items() if position
    }
    help = galaxy.perform(HelpService.help, SERVER, "gryffindor", 24, DURING).value
    status = galaxy.perform(StatusService.status, SERVER, "gryffindor", 24, DURING).value
    failing = {person.pseudonym for person in help.failed.people}
    assert failing == {user.pseudonym for user in status.users if user.last_failed}
    assert failing == {
        galaxy.perform(MembershipsService.show, person, "gryffindor", DURING).pseudonym
        for person in people
        if account_of(person).id in _expected_to_fail(found)
    }
    assert failing
    failed_steps = {user.pseudonym for user in progress.users if "failed" in user.states}
    assert failing <= failed_steps


@on_both_databases
def test_a_step_over_a_list_is_one_step_and_says_what_failed(galaxy: InProcess) -> None:
    harry, ron = _class(galaxy, 2, ["fail_if_bad", "Show beginning1", "fail_if_bad"])
    rows = Rows(galaxy)
    lists = rows.datasets(3)
    rows.mapped(harry, "fail_if_bad", ["ok", "error", "ok"], lists)
    rows.mapped(harry, "Show beginning1", ["ok", "paused", "ok"], rows.datasets(3))
    assert _shown(galaxy, harry) == "failed(1/3) queued(1/3) -"
    assert [person.tool_id for person in _help(galaxy).failed.people] == ["fail_if_bad"]
    rows.job(harry, "fail_if_bad", "ok", lists[1:2])
    assert _shown(galaxy, harry) == "done queued(1/3) -"
    assert _help(galaxy).failed.total == 0
    assert _shown(galaxy, ron) == "- - -"


def _help(galaxy: InProcess) -> Any:
    galaxy.session.commit()
    return galaxy.perform(HelpService.help, SERVER, "gryffindor", 24, DURING).value


@on_both_databases
def test_copies_of_a_dataset_are_the_same_input(galaxy: InProcess) -> None:
    """Galaxy copies datasets into a collection that somebody builds of them."""
    (harry,) = _class(galaxy, 1, ["sort1", "sort1"])
    rows = Rows(galaxy)
    data = [rows.insert(Dataset, state="ok") for _ in range(2)]
    first, second = ([rows.insert(HistoryDatasetAssociation, dataset_id=id) for id in data] for _ in range(2))
    rows.job(harry, "sort1", "error", first[:1])
    rows.mapped(harry, "sort1", ["ok", "running"], second)
    assert _shown(galaxy, harry) == "running(1/2) -"


@on_both_databases
def test_a_failed_job_whose_results_another_one_replaced_is_repeated_whatever_the_inputs(galaxy: InProcess) -> None:
    """As Galaxy leaves it where somebody lets the jobs go on that wait for a failed one."""
    harry, ron = _class(galaxy, 2, ["fail_if_bad", "sort1", "fail_if_bad"])
    rows = Rows(galaxy)
    # An element of a collection: the new job is in its place.
    _, jobs = rows.mapped(harry, "fail_if_bad", ["ok", "error", "ok"], rows.datasets(3))
    assert _shown(galaxy, harry) == "failed(1/3) - -"
    again = rows.job(harry, "fail_if_bad", "ok", rows.datasets(1), **{"input|__identifier__": "b"})
    moved = {"job_id": again, "failed": jobs[1]}
    change = "UPDATE implicit_collection_jobs_job_association SET job_id = :job_id WHERE job_id = :failed"
    galaxy.session.execute(sqlalchemy.text(change), moved)
    assert _shown(galaxy, harry) == "done - -"
    # A single job in a workflow run: the new results have the number of the old ones.
    run = rows.run(ron, rows.workflow(["fail_if_bad", "sort1", "fail_if_bad"]))
    (failed,) = run.execute(2, "fail_if_bad", ["error"], rows.datasets(1))
    history = rows.insert(History, user_id=ron.user_id)
    for number, job_id in ((7, failed), (7, rows.job(ron, "fail_if_bad", "ok", rows.datasets(1)))):
        output = rows.insert(HistoryDatasetAssociation, history_id=history, hid=number)
        rows.insert(JobToOutputDatasetAssociation, job_id=job_id, dataset_id=output, name="output")
    assert _shown(galaxy, ron) == "- - done"
    assert _help(galaxy).failed.total == 0


@on_both_databases
def test_the_same_filter_of_the_same_table_is_another_step_if_it_has_other_parameters(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, 1, ["filter", "filter", "filter"])
    rows = Rows(galaxy)
    table = rows.datasets(1)
    for state, condition, other in (("ok", "c1>2", "a"), ("ok", "c3=='x'", "a"), ("ok", "c1>2", "b")):
        rows.job(harry, "filter", state, table, cond=condition, dbkey=other, __workflow__=other)
    assert _shown(galaxy, harry) == "done done -"
    rows.job(harry, "filter", "error", table, cond="c9")
    assert _shown(galaxy, harry) == "done done failed"
    rows.job(harry, "filter", "running", table, cond="c8")
    assert _shown(galaxy, harry) == "done done running"


@on_both_databases
def test_a_workflow_is_told_by_its_steps_whoever_changed_it(galaxy: InProcess) -> None:
    """Their copy has a step more, and the third of four has begun before the second."""
    (harry,) = _class(galaxy, 1, ["fastqc", "cutadapt", "fastqc", "star", "fastqc"])
    rows = Rows(galaxy)
    run = rows.run(harry, rows.workflow(["fastqc", "wc_gnu", ["cutadapt", "fastqc"], "star", "fastqc"]))
    run.execute(0, "fastqc", ["ok"], rows.datasets(1))
    run.execute(1, "wc_gnu", ["error"], rows.datasets(1))
    run.execute(5, "fastqc", ["queued"], rows.datasets(1))
    assert _shown(galaxy, harry) == "done - - - queued"
    again = rows.run(harry, rows.workflow(["fastqc", "wc_gnu", ["cutadapt", "fastqc"], "star", "fastqc"]))
    again.execute(0, "fastqc", ["running"], rows.datasets(1))
    assert _shown(galaxy, harry) == "running - - - queued"


@on_both_databases
def test_what_never_changes_is_looked_up_once(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(status_refresh_seconds=5)
    people = _class(galaxy, 5, ["fastqc", "star"])
    rows = Rows(galaxy)
    for person in people:
        run = rows.run(person, rows.workflow(["fastqc", ["star"]]))
        for place, tool in enumerate(("fastqc", "star")):
            run.execute(place, tool, ["ok", "error"], rows.datasets(2))
    galaxy.session.commit()
    galaxy.keep_results()
    sent = []
    for minutes in range(3):
        with galaxy.statements() as statements:
            galaxy.perform(ProgressService.progress, SERVER, "gryffindor", DURING + timedelta(minutes=minutes))
        sent.append(len([each for each in statements if "workflow_step" in each and "FROM job" not in each]))
    assert (sent[0] > 0, *sent[1:]) == (True, 0, 0)
