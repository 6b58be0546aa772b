"""Who the members of a class are, for everything on its dashboard."""

import threading
from collections import OrderedDict
from datetime import (
    datetime,
    timedelta,
)
from typing import Optional

from galaxy.model.scoped_session import galaxy_scoped_session

from ..managers.members import (
    Member,
    MemberManager,
    Roll,
)
from ..model import Training

#: So long a class that nobody looks at is remembered, and so many classes at most.
_KEPT = timedelta(minutes=10)
_MOST_KEPT = 64


class HeldRolls:
    """The members of the classes that people look at; one for each process."""

    def __init__(self) -> None:
        self._rolls: OrderedDict[int, tuple[datetime, Roll]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, training_id: int) -> Optional[Roll]:
        with self._lock:
            held = self._rolls.get(training_id)
        return held[1] if held else None

    def put(self, training_id: int, roll: Roll, now: datetime) -> None:
        """Hold this one; forget what nobody has looked at for long."""
        with self._lock:
            self._rolls[training_id] = (now, roll)
            self._rolls.move_to_end(training_id)
            while len(self._rolls) > _MOST_KEPT or next(iter(self._rolls.values()))[0] < now - _KEPT:
                self._rolls.popitem(last=False)


class MembersService:
    """Of a large class these are thousands of rows that next to never change."""

    def __init__(self, session: galaxy_scoped_session, members: MemberManager, held: HeldRolls):
        self.session = session
        self.members = members
        self.held = held

    def of(self, training: Training, now: datetime) -> list[Member]:
        """All live members in the order in which they joined. The list is shared: nobody may change it."""
        roll = self.held.get(training.id)
        if roll is None or not self.members.is_current(training, roll):
            roll = self.members.roll(training)
            if roll.named_now:
                self.session.commit()
        self.held.put(training.id, roll, now)
        return roll.members
