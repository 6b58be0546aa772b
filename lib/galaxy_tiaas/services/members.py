"""Who the members of a class are, for everything on its dashboard."""

from datetime import (
    datetime,
    timedelta,
)

from galaxy.model.scoped_session import galaxy_scoped_session

from ..managers.members import (
    Member,
    MemberManager,
)
from ..model import Training
from .shared import SharedResults

#: So late may it be noticed that an account was renamed or deleted. Who joins or leaves is noticed at once.
_KEPT = timedelta(seconds=30)


class MembersService:
    """Of a large class, these are thousands of rows that next to never change."""

    def __init__(self, session: galaxy_scoped_session, members: MemberManager, shared: SharedResults):
        self.session = session
        self.members = members
        self.shared = shared

    def of(self, training: Training, now: datetime) -> list[Member]:
        """All live members in the order in which they joined. The list is shared: nobody may change it."""
        key = ("members", training.id, self.members.version(training))
        return self.shared.get(key, now, lambda: self._read(training), keep=_KEPT)

    def _read(self, training: Training) -> list[Member]:
        members, named_now = self.members.all(training)
        if named_now:
            self.session.commit()
        return members
