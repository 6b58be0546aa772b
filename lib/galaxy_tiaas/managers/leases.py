"""Leases: one process at a time, on all hosts, may do a certain thing.

A lease is a row with a holder and an expiry time. A holder that is killed, or that loses the database, loses the lease
when that time comes. Each method is a transaction of its own.
"""

from datetime import (
    datetime,
    timedelta,
)
from typing import Optional

from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    or_,
    select,
    Update,
    update,
)

from ..model import Lease
from .dialects import insert_once

#: Whoever holds this one runs the lifecycle.
LIFECYCLE = "lifecycle"


class LeaseManager:
    """Takes, renews and gives back leases; of many who try at once, the database lets one win.

    The clocks of the hosts must agree to within the time for which leases are taken.
    """

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    def take(
        self, name: str, holder: str, now: datetime, *, lasts: timedelta, pause: timedelta = timedelta()
    ) -> Optional[datetime]:
        """Take a lease that nobody holds, if what it is for was last finished at least ``pause`` ago.

        Times that lie further in the future than they can are those of a clock that was wrong, and do not count.

        :returns: when it is worth asking again; ``None`` if it is the caller's now.
        """
        free = or_(Lease.holder.is_(None), Lease.expires_at <= now, Lease.expires_at > now + 2 * lasts)
        rested = or_(Lease.finished_at.is_(None), Lease.finished_at <= now - pause, Lease.finished_at > now + lasts)
        taken = update(Lease).where(Lease.name == name, free, rested).values(holder=holder, expires_at=now + lasts)
        values = {"name": name, "holder": holder, "expires_at": now + lasts}
        if self._changes_it(taken) or insert_once(self.session, Lease.__table__, values):  # type: ignore[arg-type]
            self.session.commit()
            return None
        held = self.session.execute(select(Lease.expires_at, Lease.finished_at).where(Lease.name == name)).one()
        self.session.commit()
        again = [held.expires_at, held.finished_at + pause if held.finished_at else None]
        return max([now, *(moment for moment in again if moment)])

    def renew(self, name: str, holder: str, now: datetime, *, lasts: timedelta) -> bool:
        """Keep a lease for longer, unless somebody else has taken it since it expired.

        :returns: whether it still is the caller's.
        """
        mine = update(Lease).where(Lease.name == name, Lease.holder == holder)
        kept = self._changes_it(mine.values(expires_at=now + lasts))
        self.session.commit()
        return kept

    def give_back(self, name: str, holder: str, *, finished_at: Optional[datetime]) -> None:
        """Let others take the lease, unless somebody else has it already.

        :param finished_at: when what it is for was done to the end; ``None`` if it was not.
        """
        mine = update(Lease).where(Lease.name == name, Lease.holder == holder)
        done = {"finished_at": finished_at} if finished_at else {}
        self.session.execute(mine.values(holder=None, expires_at=None, **done))
        self.session.commit()

    def show(self, name: str) -> Optional[Lease]:
        """The lease, if it has ever been taken."""
        return self.session.get(Lease, name, populate_existing=True)

    def _changes_it(self, statement: Update) -> bool:
        return self.session.execute(statement).rowcount > 0  # type: ignore[attr-defined]
