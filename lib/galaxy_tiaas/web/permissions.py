"""Who may do what with the training that an address names. A route declares one of these instead of an identifier.

The training is looked up once, with those who teach it, and nobody is asked again: services get the training itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import (
    cast,
    TypeVar,
)

from fastapi import (
    Depends,
    Path,
)

from ..compat.dependencies import depends
from ..core.actor import (
    Actor,
    ensure_may_answer,
    ensure_may_manage,
)
from ..core.model import Training
from ..dashboard.service import StatusService
from ..membership.manager import Seat
from ..trainings.views import VisibleTrainings
from .request import (
    DependsOnActor,
    DependsOnNow,
)

F = TypeVar("F", bound=Callable[..., object])

#: Everything that a route with an identifier in its address may declare; a test looks whether it does.
PERMISSIONS: set[Callable[..., object]] = set()


def permission(dependency: F) -> F:
    """Mark a dependency that finds a training for those who may have it."""
    PERMISSIONS.add(dependency)
    return dependency


@dataclass(frozen=True)
class Lookup:
    """The training that an address names, for whoever asks; it is not looked up before a permission wants it."""

    identifier: str
    actor: Actor
    now: datetime
    visible: VisibleTrainings

    def get(self, *, to_join: bool = False) -> Training:
        return self.visible.get(self.actor, self.identifier, to_join=to_join)

    def ensure_account_on_page(self) -> None:
        if self.actor.via == "page" and not self.actor.is_admin:
            self.actor.ensure_user()


def get_lookup(
    identifier: str = Path(description="Identifier of the training; case does not matter."),
    actor: Actor = DependsOnActor,
    now: datetime = DependsOnNow,
    visible: VisibleTrainings = depends(VisibleTrainings),
) -> Lookup:
    return Lookup(identifier, actor, now, visible)


DependsOnLookup = cast(Lookup, Depends(get_lookup))


@permission
def may_see(lookup: Lookup = DependsOnLookup) -> Training:
    """For everybody who may know of it. :raises TrainingNotFound: for all others."""
    return lookup.get()


@permission
def may_join(lookup: Lookup = DependsOnLookup) -> Seat:
    """The same, and for everybody if it was cancelled after people had got its link. Services look at the dates."""
    return lookup.visible.seat(lookup.actor, lookup.identifier)


@permission
def may_enter(lookup: Lookup = DependsOnLookup) -> Seat:
    """The same for users; visitors are told to log in before anything is looked up.

    :raises UserRequiredException: for visitors. :raises AccountDeleted: for deleted accounts.
    """
    lookup.actor.ensure_user()
    return lookup.visible.seat(lookup.actor, lookup.identifier)


@permission
def may_take_part(lookup: Lookup = DependsOnLookup) -> Training:
    """The same, without what they are in it."""
    lookup.actor.ensure_user()
    return lookup.get(to_join=True)


@permission
def may_manage(lookup: Lookup = DependsOnLookup) -> Training:
    """For its instructors and admins. On pages, visitors are offered the login before anything is looked up.

    :raises TrainingNotFound: for those who may not know of it.
    :raises UserRequiredException: for visitors. :raises NotYours: for users who do not teach it.
    """
    lookup.ensure_account_on_page()
    training = lookup.get()
    ensure_may_manage(lookup.actor, training)
    return training


@permission
def may_decide(lookup: Lookup = DependsOnLookup) -> Training:
    """For admins. :raises AdminRequiredException: for all others."""
    lookup.ensure_account_on_page()
    lookup.actor.ensure_admin()
    return lookup.get()


@permission
def may_watch(lookup: Lookup = DependsOnLookup, status: StatusService = depends(StatusService)) -> Training:
    """For those who may see its dashboard now; raises as :meth:`StatusService.ensure_may_watch`."""
    training = lookup.get()
    status.ensure_may_watch(lookup.actor, training, lookup.now)
    return training


@permission
def may_help(
    training: Training = Depends(may_manage),
    lookup: Lookup = DependsOnLookup,
    status: StatusService = depends(StatusService),
) -> Training:
    """For its instructors and admins, until it is redacted. :raises TrainingOver: afterwards."""
    status.ensure_may_watch(lookup.actor, training, lookup.now)
    return training


@permission
def may_answer(lookup: Lookup = DependsOnLookup) -> Training:
    """For those who are invited to teach it, or teach it.

    :raises UserRequiredException: for visitors. :raises NotInvited: for all others, also if there is no such training.
    """
    lookup.actor.ensure_user()
    training = lookup.visible.trainings.find(lookup.identifier)
    ensure_may_answer(lookup.actor, training, lookup.identifier, lookup.now)
    return cast(Training, training)


MaySee = cast(Training, Depends(may_see))
MayJoin = cast(Seat, Depends(may_join))
MayEnter = cast(Seat, Depends(may_enter))
MayTakePart = cast(Training, Depends(may_take_part))
MayManage = cast(Training, Depends(may_manage))
MayDecide = cast(Training, Depends(may_decide))
MayWatch = cast(Training, Depends(may_watch))
MayHelp = cast(Training, Depends(may_help))
MayAnswer = cast(Training, Depends(may_answer))
