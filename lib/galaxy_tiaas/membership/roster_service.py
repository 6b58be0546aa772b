"""Who the members of a class are, for everything on its dashboard."""

from datetime import (
    datetime,
    timedelta,
)
from typing import NamedTuple

from galaxy.model.scoped_session import galaxy_scoped_session

from ..core.cache import Cache
from ..core.model import Training
from .manager import (
    Member,
    MemberManager,
    Roster,
)

_MAX_ROSTERS = 64
#: How long the roster of a class that nobody looks at stays in memory.
_IDLE_SECONDS = 600
#: How long it may take until a deleted or renamed account is noticed.
_ACCOUNTS_INTERVAL = timedelta(minutes=1)


class _CheckedRoster(NamedTuple):
    roster: Roster
    #: When the accounts were last compared.
    checked_at: datetime


class RosterCache(Cache[int, _CheckedRoster]):
    """Rosters by the id of the training; one for each process."""

    def __init__(self) -> None:
        super().__init__(_MAX_ROSTERS, _IDLE_SECONDS)


class MembersService:
    """Keeps rosters in memory: in a large class these are thousands of rows that hardly ever change."""

    def __init__(self, session: galaxy_scoped_session, members: MemberManager, rosters: RosterCache):
        self.session = session
        self.members = members
        self.rosters = rosters

    def of(self, training: Training, now: datetime) -> list[Member]:
        """All live members in the order in which they joined. The list is shared: nobody may change it.

        Who joined or left is noticed at once, who was deleted or renamed within a minute.
        """
        cached = self.rosters.get(training.id)
        if cached is None or not self.members.has_same_people(training, cached.roster):
            cached = _CheckedRoster(self.read(training), now)
        elif not timedelta() <= now - cached.checked_at < _ACCOUNTS_INTERVAL:
            same = self.members.has_same_accounts(cached.roster)
            cached = _CheckedRoster(cached.roster if same else self.read(training), now)
        return self.rosters.put(training.id, cached).roster.members

    def read(self, training: Training) -> Roster:
        """All live members as the database has them now; those who have no name yet are given one."""
        roster = self.members.roster(training)
        if not roster.unnamed:
            return roster
        self.members.name_members(training, roster.unnamed)
        self.session.commit()
        return self.members.roster(training)
