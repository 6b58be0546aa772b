"""Who the members of a class are, for everything on its dashboard."""

import threading
from collections import OrderedDict
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    NamedTuple,
    Optional,
)

from galaxy.model.scoped_session import galaxy_scoped_session

from ..managers.members import (
    Member,
    MemberManager,
    Roster,
)
from ..model import Training

#: How long a class that nobody looks at is held, and how many classes at most.
_KEPT = timedelta(minutes=10)
_MOST_KEPT = 64
#: How long it may take until a deleted or renamed account is noticed.
_COMPARED = timedelta(minutes=1)


class _Held(NamedTuple):
    roster: Roster
    looked_at: datetime
    #: When the accounts were last compared.
    compared: datetime


class HeldRolls:
    """The members of the classes that people look at; one for each process."""

    def __init__(self) -> None:
        self._held: OrderedDict[int, _Held] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, training_id: int) -> Optional[_Held]:
        with self._lock:
            return self._held.get(training_id)

    def put(self, training_id: int, roster: Roster, now: datetime, compared: datetime) -> None:
        """Hold this one; forget what nobody has looked at for long."""
        with self._lock:
            self._held[training_id] = _Held(roster, now, compared)
            self._held.move_to_end(training_id)
            while len(self._held) > _MOST_KEPT or next(iter(self._held.values())).looked_at < now - _KEPT:
                self._held.popitem(last=False)


class MembersService:
    """Holds the members of a class in memory: in a large one these are thousands of rows that hardly ever change."""

    def __init__(self, session: galaxy_scoped_session, members: MemberManager, held: HeldRolls):
        self.session = session
        self.members = members
        self.held = held

    def of(self, training: Training, now: datetime) -> list[Member]:
        """All live members in the order in which they joined. The list is shared: nobody may change it.

        Who joined or left is noticed at once, who was deleted or renamed within a minute.
        """
        held = self.held.get(training.id)
        if held is None or not self.members.has_same_people(training, held.roster):
            return self._refresh(training, now)
        if timedelta() <= now - held.compared < _COMPARED:
            self.held.put(training.id, held.roster, now, held.compared)
        elif self.members.has_same_accounts(held.roster):
            self.held.put(training.id, held.roster, now, now)
        else:
            return self._refresh(training, now)
        return held.roster.members

    def read(self, training: Training) -> Roster:
        """All live members as the database has them now; those who have no name yet are given one."""
        roster = self.members.roster(training)
        if not roster.unnamed:
            return roster
        self.members.name_members(training, roster.unnamed)
        self.session.commit()
        return self.members.roster(training)

    def _refresh(self, training: Training, now: datetime) -> list[Member]:
        roster = self.read(training)
        self.held.put(training.id, roster, now, now)
        return roster.members
