"""Where Galaxy sent a job, and which trainings somebody has to do with: what an explanation needs beyond the rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import (
    Any,
    Optional,
)

from galaxy.model import (
    Job,
    User,
    UserGroupAssociation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    or_,
    select,
)

from ..core.model import (
    Training,
    TrainingInstructor,
)

#: With what the names of the parameters begin that our rule leaves with a job.
_OURS = "tiaas_"


@dataclass(frozen=True)
class Placement:
    """A job, and where it went. ``notes`` is what our rule left with it; other parameters may be secret."""

    job_id: int
    tool_id: Optional[str]
    tool_version: Optional[str]
    state: str
    created: datetime
    user_id: Optional[int]
    history_id: Optional[int]
    destination: Optional[str]
    notes: Mapping[str, str]


class PlacementManager:
    """Reads single jobs and the trainings of single people."""

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    def placement(self, job_id: int) -> Optional[Placement]:
        """The job with this id in the database, if there is one."""
        statement = select(
            Job.id,
            Job.tool_id,
            Job.tool_version,
            Job.state,
            Job.create_time,
            Job.user_id,
            Job.history_id,
            Job.destination_id,
            Job.destination_params,
        ).where(Job.id == job_id)
        row = self.session.execute(statement).first()
        if row is None:
            return None
        return Placement(
            job_id=row.id,
            tool_id=row.tool_id,
            tool_version=row.tool_version,
            state=row.state,
            created=row.create_time,
            user_id=row.user_id,
            history_id=row.history_id,
            destination=row.destination_id,
            notes=_notes(row.destination_params),
        )

    def name(self, user_id: int) -> Optional[str]:
        """The public name of an account, or its address if it has none."""
        row = self.session.execute(select(User.username, User.email).where(User.id == user_id)).first()
        return (row.username or row.email) if row else None

    def trainings_of(self, user_id: int, most: int) -> list[tuple[Training, bool]]:
        """Trainings that somebody joined or teaches, in any state, the latest first; each with whether they joined."""
        teaches = select(TrainingInstructor.training_id).where(TrainingInstructor.user_id == user_id)
        joined = (
            select(UserGroupAssociation.id)
            .where(UserGroupAssociation.user_id == user_id, UserGroupAssociation.group_id == Training.group_id)
            .correlate(Training)
            .exists()
        )
        statement = (
            select(Training, joined)
            .where(or_(joined, Training.requester_id == user_id, Training.id.in_(teaches)))
            .order_by(Training.starts_at.desc(), Training.id.desc())
            .limit(most)
        )
        return [(training, bool(is_member)) for training, is_member in self.session.execute(statement)]


def _notes(parameters: Optional[Mapping[str, Any]]) -> dict[str, str]:
    return {name: str(value) for name, value in (parameters or {}).items() if name.startswith(_OURS)}
