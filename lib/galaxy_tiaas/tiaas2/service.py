"""Moving in: the trainings of a tiaas2 and their cohorts become ours."""

from collections import Counter
from collections.abc import (
    Collection,
    Sequence,
)
from dataclasses import (
    dataclass,
    field,
)
from datetime import datetime
from typing import (
    Any,
    NamedTuple,
    Optional,
)

from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import Row

from ..core.actor import Actor
from ..core.db import (
    begin_writing,
    has_lost_transaction,
)
from ..core.exceptions import (
    CohortNameTaken,
    ImportInterrupted,
)
from ..core.model import Training
from ..membership.manager import CohortManager
from ..trainings.manager import TrainingManager
from ..trainings.states import TrainingState
from .manager import (
    ImportManager,
    Inventory,
)
from .reader import (
    identifier_of,
    NotATraining,
    OldTraining,
    other_identifier,
    read,
    read_row,
    UnusableIdentifier,
)

#: Of several rows with one identifier, the first of these is taken.
_PREFERRED = (TrainingState.APPROVED, TrainingState.NEW, TrainingState.REJECTED)


class Remark(NamedTuple):
    """Something that a person should know about a row: its id, the identifier that it has, a sentence."""

    row_id: int
    identifier: str
    text: str


class CohortReport(NamedTuple):
    """A cohort that was not as it should be."""

    identifier: str
    trouble: str
    #: What became of it; empty if nothing was done.
    outcome: str


@dataclass
class ImportReport:
    """What an import did, or would have done; no personal data."""

    rows: int = 0
    #: Columns that this tiaas2 does not have.
    absent_columns: Sequence[str] = ()
    taken: Counter[TrainingState] = field(default_factory=Counter)
    redacted: int = 0
    already_here: int = 0
    adopted: int = 0
    made: int = 0
    members: int = 0
    refused: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    broken: list[CohortReport] = field(default_factory=list)


@dataclass
class ImportService:
    """One method: everything at once, in one transaction."""

    session: galaxy_scoped_session
    trainings: TrainingManager
    imports: ImportManager
    cohorts: CohortManager

    def import_tiaas2(
        self, actor: Actor, source: str, now: datetime, *, dry_run: bool = False, repair: bool = False
    ) -> ImportReport:
        """Take what is not here yet from a tiaas2, adopt its cohorts, and look which of them are broken.

        A row that cannot be taken leaves the others alone. What came before is not touched again.

        :param source: SQLAlchemy URL, or path of an SQLite file.
        :param dry_run: do all of this and take it back at the end.
        :param repair: repair the cohorts that are broken.
        :raises SourceUnreadable: if there is nothing to read.
        :raises ImportInterrupted: if somebody was in the way; then nothing has changed.
        """
        actor.ensure_admin()
        found = read(source)
        report = ImportReport(rows=len(found.rows), absent_columns=found.absent_columns)
        try:
            begin_writing(self.session)
            transaction = self.session().get_transaction()
            inventory = Inventory(self.session)
            readable = self._readable(found.rows, inventory, report)
            ids = self._take_all(readable, inventory, report, now)
            self._look_after_cohorts(ids, report, now, repair)
            if self.session().get_transaction() is not transaction:
                raise ImportInterrupted()
            if not dry_run:
                self.session.commit()
        finally:
            # All of it in a dry run and after an error; nothing after the commit.
            self.session.rollback()
        return report

    def _readable(
        self, rows: Sequence[dict[str, Any]], inventory: Inventory, report: ImportReport
    ) -> list[OldTraining]:
        """Those that can be a training. The others are refused; no two of them are proposed the same identifier."""
        found: list[OldTraining] = []
        unusable = []
        for row in rows:
            try:
                found.append(read_row(row))
            except UnusableIdentifier:
                unusable.append(row)
            except NotATraining as problem:
                report.refused.append(Remark(row["id"], str(row["training_identifier"]), str(problem)))
        if unusable:
            taken = {*filter(None, map(identifier_of, rows)), *inventory.identifiers(), *self.imports.identifiers()}
            for row in unusable:
                advice = other_identifier(row, taken)
                proposal = f"; '{advice}' would do" if advice else ""
                if advice:
                    taken.add(advice)
                text = f"{UnusableIdentifier()}{proposal}"
                report.refused.append(Remark(row["id"], str(row["training_identifier"]), text))
        return found

    def _take_all(
        self, rows: Sequence[OldTraining], inventory: Inventory, report: ImportReport, now: datetime
    ) -> list[int]:
        """Take what is not here; the ids of all trainings that the rows are, or became."""
        here, before = self.imports.all_here(), self.imports.came_before()
        before = {key: training_id for key, training_id in before.items() if training_id in here}
        known = {old.row_id: before[key] for old in rows if (key := (old.row_id, old.identifier)) in before}
        taken_names = {
            **self.trainings.all_former_identifiers(),
            **{training.identifier: training.id for training in here.values()},
        }
        imported = set(before.values())
        unknown = [old for old in rows if old.row_id not in known]
        best_last = sorted(unknown, key=lambda old: (_PREFERRED.index(old.state), old.row_id), reverse=True)
        chosen = {old.identifier: old for old in best_last}
        requesters = self.trainings.users_named([old.email for old in unknown if old.email])
        new: list[Training] = []
        for old in rows:
            if training_id := known.get(old.row_id):
                report.already_here += 1
                _compare(old, here[training_id], report)
            elif (owner := taken_names.get(old.identifier)) and here[owner].identifier != old.identifier:
                _refuse(old, f"the training '{here[owner].identifier}' here had this identifier before", report)
            elif owner:
                which = "that was imported from another row" if owner in imported else "that was not imported"
                _refuse(old, f"there is a training '{old.identifier}' here {which}", report)
            elif chosen[old.identifier] is not old:
                _refuse(old, f"row {chosen[old.identifier].row_id} has the same identifier and was taken", report)
            else:
                new += self._take(old, requesters.get(old.email.lower()), inventory, report, now)
        report.members = sum(self.cohorts.count_members(new).values())
        return [*known.values(), *(training.id for training in new)]

    def _take(
        self, old: OldTraining, requester_id: Optional[int], inventory: Inventory, report: ImportReport, now: datetime
    ) -> list[Training]:
        remarks = list(old.remarks)
        try:
            with self.session.begin_nested():
                training = self.imports.add(old, requester_id, now)
                found = inventory.cohort_of(old)
                remarks += found.remarks
                self.imports.take_over(training, found, inventory)
                made = self._make_what_is_needed(training, now, remarks)
        except Exception as problem:
            if not self.session().in_transaction():
                raise ImportInterrupted() from None
            if has_lost_transaction(self.session):
                raise
            # Not its text: databases quote the whole row.
            _refuse(old, f"it could not be written ({type(problem).__name__})", report)
            return []
        report.taken[old.state] += 1
        report.redacted += old.redacted
        report.adopted += bool(found.group or found.role)
        report.made += made
        report.remarks += [Remark(old.row_id, old.identifier, text) for text in remarks]
        return [training]

    def _make_what_is_needed(self, training: Training, now: datetime, remarks: list[str]) -> bool:
        """Make the group or the role of a training that people can still join."""
        if (training.group_id and training.role_id) or not self.imports.is_needed(training, now):
            return False
        try:
            self.cohorts.ensure(training)
        except CohortNameTaken as problem:
            remarks.append(str(problem))
            return False
        return True

    def _look_after_cohorts(
        self, training_ids: Collection[int], report: ImportReport, now: datetime, repair: bool
    ) -> None:
        for training, trouble in self.imports.broken(training_ids, now):
            outcome = ""
            if repair:
                try:
                    with self.session.begin_nested():
                        self.imports.repair(training, now)
                    outcome = "repaired"
                except CohortNameTaken as problem:
                    outcome = str(problem)
            report.broken.append(CohortReport(training.identifier, trouble, outcome))


def _compare(old: OldTraining, here: Row[Any], report: ImportReport) -> None:
    """Say what people decided otherwise in the two places; what is here stays as it is."""
    pairs = (("state", old.state.value, here.state), ("start", old.start, here.start), ("end", old.end, here.end))
    differences = [f"{name} is {there} there and {ours} here" for name, there, ours in pairs if there != ours]
    if differences:
        report.remarks.append(Remark(old.row_id, old.identifier, f"{', '.join(differences)}: left as it is here"))


def _refuse(old: OldTraining, why: str, report: ImportReport) -> None:
    report.refused.append(Remark(old.row_id, old.written, why))
