"""Who may do what with the training that an address names. A route declares one of these instead of an identifier.

The training is looked up once, with those who teach it, and nobody is asked again: services get the training itself.
"""

from collections.abc import Callable
from datetime import datetime
from typing import (
    Annotated,
    cast,
    TypeVar,
)

from fastapi import (
    Depends,
    Path,
)
from galaxy.webapps.galaxy.api import depends

from ..core.access import (
    ensure_may_answer,
    ensure_may_manage,
)
from ..core.actor import Actor
from ..core.model import Training
from ..dashboard.service import StatusService
from ..trainings.visibility import VisibleTrainings
from .request import (
    DependsOnActor,
    DependsOnNow,
)

F = TypeVar("F", bound=Callable[..., object])

#: Everything that a route with an identifier in its address may declare; a test looks whether it does.
PERMISSIONS: set[Callable[..., object]] = set()

IdentifierPath = Annotated[str, Path(description="Identifier of the training; case does not matter.")]


def permission(dependency: F) -> F:
    """Mark a dependency that finds a training for those who may have it."""
    PERMISSIONS.add(dependency)
    return dependency


@permission
def may_see(
    identifier: IdentifierPath,
    actor: Actor = DependsOnActor,
    visible: VisibleTrainings = depends(VisibleTrainings),
) -> Training:
    """For everybody who may know of it. :raises TrainingNotFound: for all others."""
    return visible.get(actor, identifier)


@permission
def may_join(
    identifier: IdentifierPath,
    actor: Actor = DependsOnActor,
    visible: VisibleTrainings = depends(VisibleTrainings),
) -> Training:
    """The same, and for everybody if it was cancelled after people had got its link. Services look at the dates."""
    return visible.get(actor, identifier, to_join=True)


@permission
def may_take_part(
    identifier: IdentifierPath,
    actor: Actor = DependsOnActor,
    visible: VisibleTrainings = depends(VisibleTrainings),
) -> Training:
    """The same for users; visitors are told to log in before anything is looked up.

    :raises UserRequiredException: for visitors. :raises AccountDeleted: for deleted accounts.
    """
    actor.ensure_user()
    return visible.get(actor, identifier, to_join=True)


@permission
def may_manage(
    identifier: IdentifierPath,
    actor: Actor = DependsOnActor,
    visible: VisibleTrainings = depends(VisibleTrainings),
) -> Training:
    """For its instructors and admins. On pages, visitors are offered the login before anything is looked up.

    :raises TrainingNotFound: for those who may not know of it.
    :raises UserRequiredException: for visitors. :raises NotYours: for users who do not teach it.
    """
    _ensure_account_on_page(actor)
    training = visible.get(actor, identifier)
    ensure_may_manage(actor, training)
    return training


@permission
def may_decide(
    identifier: IdentifierPath,
    actor: Actor = DependsOnActor,
    visible: VisibleTrainings = depends(VisibleTrainings),
) -> Training:
    """For admins. :raises AdminRequiredException: for all others."""
    _ensure_account_on_page(actor)
    actor.ensure_admin()
    return visible.get(actor, identifier)


@permission
def may_watch(
    identifier: IdentifierPath,
    actor: Actor = DependsOnActor,
    now: datetime = DependsOnNow,
    visible: VisibleTrainings = depends(VisibleTrainings),
    status: StatusService = depends(StatusService),
) -> Training:
    """For those who may see its dashboard now; raises as :meth:`StatusService.ensure_may_watch`."""
    training = visible.get(actor, identifier)
    status.ensure_may_watch(actor, training, now)
    return training


@permission
def may_help(
    training: Training = Depends(may_manage),
    actor: Actor = DependsOnActor,
    now: datetime = DependsOnNow,
    status: StatusService = depends(StatusService),
) -> Training:
    """For its instructors and admins, until it is redacted. :raises TrainingOver: afterwards."""
    status.ensure_may_watch(actor, training, now)
    return training


@permission
def may_answer(
    identifier: IdentifierPath,
    actor: Actor = DependsOnActor,
    now: datetime = DependsOnNow,
    visible: VisibleTrainings = depends(VisibleTrainings),
) -> Training:
    """For those who are invited to teach it, or teach it.

    :raises UserRequiredException: for visitors. :raises NotInvited: for all others, also if there is no such training.
    """
    actor.ensure_user()
    training = visible.trainings.find(identifier)
    ensure_may_answer(actor, training, identifier, now)
    return cast(Training, training)


def _ensure_account_on_page(actor: Actor) -> None:
    if actor.via == "page" and not actor.is_admin:
        actor.ensure_user()


MaySee = cast(Training, Depends(may_see))
MayJoin = cast(Training, Depends(may_join))
MayTakePart = cast(Training, Depends(may_take_part))
MayManage = cast(Training, Depends(may_manage))
MayDecide = cast(Training, Depends(may_decide))
MayWatch = cast(Training, Depends(may_watch))
MayHelp = cast(Training, Depends(may_help))
MayAnswer = cast(Training, Depends(may_answer))
