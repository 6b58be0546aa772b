"""Galaxy's own model and job configuration in this process, without a server, and factories of what is in them."""

import inspect
import itertools
import sys
from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import contextmanager
from datetime import (
    date,
    datetime,
)
from functools import (
    cached_property,
    lru_cache,
)
from pathlib import Path
from typing import (
    Any,
    Concatenate,
    Optional,
    ParamSpec,
    TypeVar,
    Union,
)
from unittest.mock import patch

import pytest
import sqlalchemy
from galaxy.config import (
    GALAXY_APP_NAME,
    GALAXY_CONFIG_SCHEMA_PATH,
    GalaxyAppConfiguration,
)
from galaxy.config.schema import AppSchema
from galaxy.exceptions import MessageException
from galaxy.model import (
    Group,
    GroupRoleAssociation,
    History,
    HistoryUserShareAssociation,
    Job,
    Role,
    StoredWorkflow,
    User,
    UserGroupAssociation,
    Workflow,
    WorkflowInvocation,
)
from galaxy.model.mapping import GalaxyModelMapping
from galaxy.model.tags import GalaxyTagHandler
from galaxy.util.properties import load_app_properties
from galaxy_tiaas.classroom.service import ClassroomService
from galaxy_tiaas.cli.application import CliApplication
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.cache import (
    HeldResults,
    ResultCache,
)
from galaxy_tiaas.core.model import (
    migrate,
    Training,
)
from galaxy_tiaas.dashboard.activity_manager import JobCache
from galaxy_tiaas.dashboard.help_service import HelpService
from galaxy_tiaas.dashboard.service import (
    ChartsService,
    StatusService,
)
from galaxy_tiaas.dashboard.step_service import (
    DashboardsService,
    ProgressService,
)
from galaxy_tiaas.invitations.service import (
    InvitationDecision,
    InvitationsService,
)
from galaxy_tiaas.membership.manager import Seat
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.routing.decision import TRAINING_PARAMETER
from galaxy_tiaas.trainings.contact_service import ContactsService
from galaxy_tiaas.trainings.manager import TrainingManager
from galaxy_tiaas.trainings.schema import (
    StateChange,
    TrainingCreate,
    TrainingView,
)
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.trainings.states import (
    InvitationState,
    TrainingState,
)
from galaxy_tiaas.trainings.views import VisibleTrainings
from galaxy_tiaas.web.permissions import (
    Lookup,
    may_answer,
    may_decide,
    may_help,
    may_manage,
    may_see,
    may_take_part,
    may_watch,
)
from sqlalchemy import (
    delete,
    select,
)

from demo.instance import (
    Settings,
    write_instance,
)

T = TypeVar("T")
S = TypeVar("S")
R = TypeVar("R")
P = ParamSpec("P")

#: What the routes of these operations ask for.
_PERMISSIONS: dict[Callable[..., Any], Callable[..., Training]] = {
    TrainingsService.show: may_see,
    TrainingsService.set_state: may_see,
    TrainingsService.update: may_manage,
    TrainingsService.changed_since: may_manage,
    TrainingsService.add_instructors: may_manage,
    TrainingsService.remove_instructor: may_manage,
    TrainingsService.extend: may_manage,
    TrainingsService.problems_of_change: may_manage,
    TrainingsService.take_back: may_manage,
    TrainingsService.end: may_manage,
    TrainingsService.history: may_manage,
    TrainingsService.people: may_manage,
    TrainingsService.decide_change: may_decide,
    TrainingsService.resume: may_decide,
    MembershipsService.join: may_take_part,
    MembershipsService.leave: may_take_part,
    MembershipsService.show: may_take_part,
    MembershipsService.members: may_manage,
    ClassroomService.show: may_take_part,
    ClassroomService.set_hand: may_take_part,
    ClassroomService.answer: may_take_part,
    ClassroomService.lower_hand: may_manage,
    ClassroomService.ask: may_manage,
    ClassroomService.close_question: may_manage,
    StatusService.status: may_watch,
    ChartsService.show: may_watch,
    ProgressService.progress: may_watch,
    HelpService.help: may_help,
    DashboardsService.update: may_manage,
    ContactsService.ask: may_manage,
    ContactsService.status: may_manage,
    InvitationsService.of: may_manage,
    InvitationsService.answer: may_answer,
}

#: For tests of what the two databases do differently; the others are content with SQLite.
on_both_databases = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

#: Days and moments of the trainings that the factories make: asked for in time, three days long, in UTC.
FIRST_DAY, LAST_DAY = date(2026, 11, 16), date(2026, 11, 18)
REQUESTED = datetime(2026, 10, 1, 12)
BEFORE = datetime(2026, 11, 9, 12)
DURING = datetime(2026, 11, 17, 12)
AFTER = datetime(2026, 11, 25, 12)

ANONYMOUS = Actor(base_url="https://galaxy.example.org")
DELETED = Actor(base_url="https://galaxy.example.org", account_deleted=True)
SERVER = Actor(base_url="https://galaxy.example.org", is_admin=True)


def account_of(actor: Actor) -> User:
    """The row of an actor of these factories, which tests may change."""
    assert isinstance(actor.user, User)
    return actor.user


def create_galaxy_tables(database_url: str) -> None:
    """Make the tables of a Galaxy that has never heard of us, as Galaxy does at its first start."""
    # At the top of this module, it would set the level of the root logger for all tests.
    from galaxy.model.migrations import verify_databases

    engine = sqlalchemy.create_engine(database_url)
    verify_databases(engine, None, None, None, None, None, is_auto_migrate=False)
    engine.dispose()


def create_our_tables(database_url: str) -> None:
    engine = sqlalchemy.create_engine(database_url)
    migrate.upgrade(engine)
    engine.dispose()


@lru_cache(maxsize=1)
def _galaxy_schema() -> AppSchema:
    return AppSchema(GALAXY_CONFIG_SCHEMA_PATH, GALAXY_APP_NAME)


class _Configuration(GalaxyAppConfiguration):
    """Galaxy's own, which reads the long list of its settings for each test anew."""

    def _load_schema(self) -> AppSchema:
        return _galaxy_schema()


class _CompiledStatements(dict[tuple[Any, ...], Any]):
    """SQLAlchemy's cache of compiled statements, shared by all engines of a kind of database.

    Each engine has a dialect of its own, which is the first part of a key.
    """

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), compiled)


_compiled = _CompiledStatements()


class _Host(CliApplication):
    @cached_property
    def config(self) -> GalaxyAppConfiguration:
        return _Configuration(**load_app_properties(config_file=self.galaxy_config_file))

    @cached_property
    def model(self) -> GalaxyModelMapping:
        # Galaxy opens SQLite's file anew for each transaction, and each time SQLite reads what all its tables are.
        with patch("galaxy.model.orm.engine_factory.NullPool", sqlalchemy.QueuePool):
            model = super().model
        model.engine.update_execution_options(compiled_cache=_compiled)
        if model.engine.dialect.name == "sqlite":
            # Nothing here need survive a power failure.
            sqlalchemy.event.listen(model.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous = OFF"))
        return model


class InProcess:
    """A Galaxy without a web server: its configuration files, its database, its job configuration.

    `settings` are those of tiaas_conf.yml. Everything is made by the extension's own services, as
    the people concerned would make it.
    """

    def __init__(
        self,
        directory: Path,
        database_url: str,
        settings: Optional[Settings] = None,
        *,
        job_conf: Optional[Settings] = None,
        galaxy_conf: Optional[Settings] = None,
    ) -> None:
        self.directory = directory
        self.database_url = database_url
        self.galaxy_yml = write_instance(
            directory,
            url="https://galaxy.example.org",
            galaxy={
                "database_connection": database_url,
                "id_secret": "a secret for tests",
                **(galaxy_conf or {}),
            },
            tiaas=settings,
            job_conf=job_conf,
        )
        self.host = _Host(str(self.galaxy_yml))
        self.session = self.host.model.context
        self._numbers = itertools.count(1)

    def close(self) -> None:
        self.session.remove()
        self.host.model.engine.dispose()

    def __getitem__(self, service: type[T]) -> T:
        return self.host[service]

    # People

    def user(self, username: Optional[str] = None, *, deleted: bool = False) -> Actor:
        return Actor(user=self.account(username, deleted=deleted), base_url="https://galaxy.example.org")

    def admin(self, username: Optional[str] = None) -> Actor:
        return Actor(user=self.account(username or "admin"), is_admin=True, base_url="https://galaxy.example.org")

    def account(self, username: Optional[str] = None, *, deleted: bool = False) -> User:
        """The account of this name, made if there is none; without a name, a new one."""
        username = username or f"user{next(self._numbers)}"
        user = self.session.scalars(select(User).where(User.username == username)).first()
        if user is None:
            user = User(email=f"{username}@example.org", username=username, password="-")
            user.deleted = deleted
            self.session.add(user)
            self.session.commit()
        return user

    def delete_account(self, user: Actor) -> None:
        """As Galaxy does it: the row stays."""
        account_of(user).deleted = True
        self.session.commit()

    # Trainings

    def request(
        self,
        identifier: str = "gryffindor",
        by: Optional[Actor] = None,
        *,
        start: date = FIRST_DAY,
        end: date = LAST_DAY,
        attendance: int = 20,
        at: datetime = REQUESTED,
        accept: bool = True,
        **fields: Any,
    ) -> TrainingView:
        """A request that nobody has decided; dates may lie in the past, as an admin's may.

        With ``accept``, other instructors whom it names have accepted.
        """
        by = by or self.user("minerva")
        fields = {"title": f"Course {identifier}", **fields}
        payload = TrainingCreate(identifier=identifier, start=start, end=end, attendance=attendance, **fields)
        requester = Actor(user=by.user, is_admin=True, base_url=by.base_url)
        view = self[TrainingsService].create(requester, payload, at)
        if accept and payload.instructors:
            self.accept_invitations(identifier, at)
        return view

    def accept_invitations(self, identifier: str, at: datetime = REQUESTED) -> None:
        """Everybody who is invited to teach a training accepts."""
        ids = {each.user_id for each in self.find(identifier).invitations if each.state == InvitationState.OPEN}
        for user in [self.session.get(User, user_id) for user_id in sorted(filter(None, ids))]:
            person = Actor(user=user, base_url="https://galaxy.example.org")
            self.perform(InvitationsService.answer, person, identifier, InvitationDecision(accept=True), at)

    def training(
        self,
        identifier: str = "gryffindor",
        by: Optional[Actor] = None,
        *,
        state: str = "approved",
        destination: Optional[str] = None,
        **fields: Any,
    ) -> Training:
        """A training in any state."""
        self.request(identifier, by, **fields)
        if state != "new":
            self.decide(identifier, state, destination=destination)
        return self.find(identifier)

    def decide(self, identifier: str, state: str, *, at: datetime = REQUESTED, **fields: Any) -> TrainingView:
        change = StateChange(state=TrainingState(state), **{k: v for k, v in fields.items() if v is not None})
        return self.perform(TrainingsService.set_state, SERVER, identifier, change, at)

    def move(self, identifier: str, start: date, end: date) -> None:
        """Change the dates behind everybody's back, so that nothing reacts to it."""
        training = self.find(identifier)
        training.set_days(start, end, training.timezone)
        self.session.commit()

    def find(self, identifier: str) -> Training:
        return self[TrainingManager].get(identifier)

    # What somebody does with a training, which is found as for a request

    def perform(
        self,
        operation: Callable[Concatenate[S, Actor, Training, P], R],
        actor: Actor,
        identifier: str,
        *arguments: P.args,
        **named: P.kwargs,
    ) -> R:
        """Call a method of a service with the training of this identifier, if the actor may have it for that."""
        at = next((value for value in arguments if isinstance(value, datetime)), DURING)
        training = self.found(_PERMISSIONS[operation], actor, identifier, at)
        service: Any = self.host[getattr(sys.modules[operation.__module__], operation.__qualname__.partition(".")[0])]
        result: R = operation(service, actor, training, *arguments, **named)
        return result

    def found(
        self, permission: Callable[..., Union[Training, Seat]], actor: Actor, identifier: str, at: datetime = DURING
    ) -> Training:
        """The training that a dependency of the routes finds."""
        names = inspect.signature(permission).parameters
        given: dict[str, Any] = {
            "lookup": Lookup(identifier, actor, at, self[VisibleTrainings]),
            "status": self[StatusService],
        }
        if "training" in names:
            given["training"] = self.found(may_manage, actor, identifier)
        found = permission(**{name: given[name] for name in names})
        return found.training if isinstance(found, Seat) else found

    def join(self, identifier: str, *people: Actor, at: datetime = DURING) -> None:
        for person in people:
            self.perform(MembershipsService.join, person, identifier, at)

    def keep_results(self) -> None:
        """Let services share what they have computed, as within a server; else each computes it for itself."""
        host: Any = self.host
        for cache in (ResultCache, HeldResults, JobCache):
            host[cache] = self[cache]

    # Cohorts, as Galaxy sees them

    def is_on(self, name: str) -> bool:
        """Whether group and role of this name are associated."""
        statement = (
            select(GroupRoleAssociation.id)
            .join(Group, Group.id == GroupRoleAssociation.group_id)
            .join(Role, Role.id == GroupRoleAssociation.role_id)
            .where(Group.name == name, Role.name == name)
        )
        return self.session.scalar(statement) is not None

    def members(self, group: str) -> list[str]:
        statement = (
            select(User.username)
            .join(UserGroupAssociation, UserGroupAssociation.user_id == User.id)
            .join(Group, Group.id == UserGroupAssociation.group_id)
            .where(Group.name == group)
            .order_by(UserGroupAssociation.id)
        )
        return [name or "" for name in self.session.scalars(statement)]

    def foreign_group(self, name: str, *members: Actor) -> Group:
        group = Group(name)
        self.session.add(group)
        self.session.flush()
        self.session.add_all([UserGroupAssociation(member.user, group) for member in members])
        self.session.commit()
        return group

    def foreign_role(self, name: str, group: Optional[Group] = None) -> Role:
        role = Role(name)
        self.session.add(role)
        self.session.flush()
        if group:
            self.session.add(GroupRoleAssociation(group, role))
        self.session.commit()
        return role

    # Activity

    def job(
        self,
        by: Actor,
        tool_id: str = "cat1",
        state: str = "ok",
        at: datetime = DURING,
        count: int = 1,
        history: Optional[History] = None,
        noted: str = "",
    ) -> None:
        """
        :param noted: the training that our rule noted with it.
        """
        values = {
            "user_id": by.user_id,
            "tool_id": tool_id,
            "state": state,
            "create_time": at,
            "update_time": at,
            "history_id": history.id if history else None,
            "destination_params": {"tiaas_reason": "…", TRAINING_PARAMETER: noted} if noted else None,
        }
        self.session.execute(sqlalchemy.insert(Job), [values] * count)
        self.session.commit()

    def history(self, by: Actor, *tags: str, shared_with: Optional[Actor] = None) -> History:
        """A history with tags as they are typed (``#name`` for a name tag), stored as Galaxy stores them."""
        history = History(user=by.user)
        self.session.add(history)
        # Galaxy 25.1 stores new tags by a connection of their own.
        self.session.commit()
        handler = GalaxyTagHandler(self.session)
        handler.set_tags_from_list(by.user, history, list(tags), flush=False)
        if shared_with:
            share = HistoryUserShareAssociation()
            share.history, share.user = history, account_of(shared_with)
            self.session.add(share)
        self.session.commit()
        return history

    def invocation(
        self,
        by: Actor,
        state: Optional[str] = "scheduled",
        at: datetime = DURING,
        count: int = 1,
        history: Optional[History] = None,
    ) -> None:
        user = account_of(by)
        history = history or History(user=user)
        stored = StoredWorkflow()
        stored.user = user
        workflow = Workflow()
        workflow.stored_workflow = stored
        self.session.add_all([history, workflow])
        self.session.flush()
        values = {
            "workflow_id": workflow.id,
            "history_id": history.id,
            "state": state,
            "create_time": at,
            "update_time": at,
        }
        self.session.execute(sqlalchemy.insert(WorkflowInvocation), [values] * count)
        self.session.commit()

    # Refusals

    def refused(self, status: int, action: Callable[[], object]) -> MessageException:
        """The refusal of an action with this HTTP status, which must not have written anything."""
        before = self.dump()
        with pytest.raises(MessageException) as problem:
            action()
        self.session.rollback()
        assert problem.value.status_code == status
        assert self.dump() == before
        return problem.value

    # The database as a whole

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, read outside our session."""
        with self.host.model.engine.connect() as connection:
            return {
                name: sorted((tuple(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"')), key=repr)
                for name in sqlalchemy.inspect(connection).get_table_names()
            }

    def query(self, sql: str, **parameters: Any) -> list[Any]:
        with self.host.model.engine.connect() as connection:
            return list(connection.execute(sqlalchemy.text(sql), parameters))

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """What is sent to the database meanwhile."""
        sent: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            sent.append(statement)

        engine = self.host.model.engine
        sqlalchemy.event.listen(engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            sqlalchemy.event.remove(engine, "before_cursor_execute", note)

    def purge(self, kind: type[Union[Group, Role]], name: str) -> None:
        """Purge a group or role as Galaxy's admin panel does: the row and its associations are gone."""
        row: Any = self.session.scalars(select(kind).where(kind.name == name)).one()
        column = GroupRoleAssociation.group_id if kind is Group else GroupRoleAssociation.role_id
        self.session.execute(delete(GroupRoleAssociation).where(column == row.id))
        if kind is Group:
            self.session.execute(delete(UserGroupAssociation).where(UserGroupAssociation.group_id == row.id))
        self.session.execute(delete(kind).where(kind.__table__.c.id == row.id))
        self.session.commit()
        self.session.remove()
