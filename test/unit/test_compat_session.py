"""What we rely on of Galaxy's sessions: compat/session.py. The pages to log in are in test_compat_webhooks.py."""

import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import (
    Any,
    cast,
    NamedTuple,
    Optional,
)
from unittest.mock import patch

import galaxy.authnz
import pytest
from fastapi import (
    FastAPI,
    Request,
)
from fastapi.testclient import TestClient
from galaxy.managers.users import UserManager
from galaxy.model import (
    APIKeys,
    GalaxySession,
    User,
)
from galaxy.schema.fields import Security
from galaxy.webapps.base.api import add_exception_handler
from galaxy.webapps.base.webapp import (
    GalaxyWebTransaction,
    TOOL_RUNNER_SESSION_COOKIE,
)
from galaxy.webapps.galaxy.api import (
    api_key_cookie,
    DependsOnTrans,
)
from galaxy.webapps.galaxy.controllers.user import User as UserController
from galaxy.work.context import SessionRequestContext
from galaxy_tiaas.compat.accounts import ACTIVATION_PATH
from galaxy_tiaas.compat.session import (
    ADDED_BY_FIRST_LOGIN,
    allows_registration,
    Caller,
    DependsOnCaller,
    is_session_token,
    login_path,
    needs_activation,
    SESSION_COOKIE,
    uses_remote_user,
    with_session_of_remote_user,
)
from galaxy_tiaas.core.actor import Actor
from in_process import (
    account_of,
    BEFORE,
    DURING,
    InProcess,
)
from remote_user import older_part
from sqlalchemy import (
    select,
    true,
    update,
)
from starlette_context.middleware import RawContextMiddleware
from starlette_context.plugins import RequestIdPlugin


def test_galaxys_api_reads_the_session_from_this_cookie() -> None:
    assert api_key_cookie.model.name == SESSION_COOKIE


# Who asks


class _Asked:
    """A Galaxy that is asked who somebody is, by our way and by its own."""

    def __init__(self, galaxy: InProcess) -> None:
        self.galaxy = galaxy
        host: Any = galaxy.host
        host.install_model = host.model
        host[UserManager] = UserManager(host)
        host.config.admin_users_list = ["admin@example.org"]
        host.config.bootstrap_admin_api_key = "bootstrap"
        host.config.config_dict["api_allow_run_as"] = "admin@example.org"
        host.config.user_activation_on = True
        app = FastAPI()
        app.add_middleware(RawContextMiddleware, plugins=(RequestIdPlugin(force_new_uuid=True),))
        add_exception_handler(app)
        app.get("/ours")(self._ours)
        app.get("/galaxys")(self._galaxys)
        self.client = TestClient(app)

    def _ours(self, caller: Caller = DependsOnCaller) -> dict[str, Any]:
        account = caller.account
        return {
            "account": account and [*account],
            "admin": caller.is_admin,
            "token": caller.token,
            "runs tools": not needs_activation(self.galaxy.host.config, account),
        }

    @staticmethod
    def _galaxys(trans: SessionRequestContext = DependsOnTrans) -> dict[str, Any]:
        user, galaxys_token = trans.user, cast(Any, GalaxyWebTransaction.session_csrf_token)
        has_account = user is not None and not user.bootstrap_admin_user
        account = [user.id, user.email, user.username, user.deleted, user.active] if has_account else None
        return {
            "account": account,
            "admin": trans.user_is_admin,
            "token": galaxys_token.fget(trans),
            # Galaxy does not expect the question of the bootstrap key.
            "runs tools": trans.user_is_active if has_account else True,
        }

    def verdicts(self, **request: Any) -> list[tuple[int, Any]]:
        security = patch.object(Security, "security", self.galaxy.host.security, create=True)
        with security, patch("galaxy.app.app", self.galaxy.host, create=True):
            answers = [self.client.get(path, **request) for path in ("/ours", "/galaxys")]
        return [(answer.status_code, answer.json()) for answer in answers]


@pytest.fixture
def asked(galaxy: InProcess) -> _Asked:
    return _Asked(galaxy)


def _cookie(galaxy: InProcess, actor: Optional[Actor], *, valid: bool = True) -> dict[str, str]:
    key = secrets.token_hex(16)
    galaxy.session.add(GalaxySession(session_key=key, is_valid=valid, user_id=actor and actor.user_id))
    galaxy.session.commit()
    guid: bytes = galaxy.host.security.encode_guid(key)
    return {"cookie": f"{SESSION_COOKIE}={guid.decode()}"}


def _key(galaxy: InProcess, actor: Actor, *, deleted: bool = False, created: datetime = DURING) -> dict[str, str]:
    key = secrets.token_hex(16)
    galaxy.session.add(APIKeys(key=key, user_id=actor.user_id, deleted=deleted, create_time=created))
    galaxy.session.commit()
    return {"x-api-key": key}


def _headers(galaxy: InProcess) -> dict[str, dict[str, str]]:
    """Every kind of caller that there is."""
    harry, draco, admin = galaxy.user("harry"), galaxy.user("draco"), galaxy.user("admin")
    gone, inactive = galaxy.user("gone", deleted=True), galaxy.user("neville")
    for somebody in (harry, draco, admin, gone):
        account_of(somebody).active = True
    key, admins_key = _key(galaxy, harry), _key(galaxy, admin)
    encoded = galaxy.host.security.encode_id(harry.user_id)
    return {
        "nobody": {},
        "a session without a user": _cookie(galaxy, None),
        "a user": _cookie(galaxy, harry),
        "an admin": _cookie(galaxy, admin),
        "a deleted user": _cookie(galaxy, gone),
        "an inactive user": _cookie(galaxy, inactive),
        "a session that has ended": _cookie(galaxy, harry, valid=False),
        "a cookie that cannot be read": {"cookie": f"{SESSION_COOKIE}=broken"},
        "a session that there is not": {"cookie": _unknown(galaxy)},
        "a key": key,
        "an admin's key": admins_key,
        "a deleted key": _key(galaxy, draco, deleted=True),
        "the key before the newest": _key(galaxy, draco, created=BEFORE),
        "the newest key": _key(galaxy, draco),
        "the key of a deleted user": _key(galaxy, gone),
        "the key of an inactive user": _key(galaxy, inactive),
        "a wrong key": {"x-api-key": "0" * 32},
        "an empty key": {"x-api-key": ""},
        "the bootstrap key": {"x-api-key": "bootstrap"},
        "a session and another's key": {**_cookie(galaxy, harry), **admins_key},
        "a session and a wrong key": {**_cookie(galaxy, harry), "x-api-key": "0" * 32},
        "a session without a user, and a key": {**_cookie(galaxy, None), **admins_key},
        "an admin as somebody else": {**admins_key, "run-as": encoded},
        "a user as somebody else": {**key, "run-as": encoded},
        "a token": {"authorization": "Bearer 0123456789abcdef"},
    }


def _unknown(galaxy: InProcess) -> str:
    guid: bytes = galaxy.host.security.encode_guid(secrets.token_hex(16))
    return f"{SESSION_COOKIE}={guid.decode()}"


def test_whoever_asks_is_the_same_to_us_as_to_galaxy(asked: _Asked) -> None:
    verdicts = {who: asked.verdicts(headers=headers) for who, headers in _headers(asked.galaxy).items()}
    assert {who: ours for who, (ours, _) in verdicts.items()} == {who: theirs for who, (_, theirs) in verdicts.items()}
    statuses = {who: ours[0] for who, (ours, _) in verdicts.items()}
    assert {who for who, status in statuses.items() if status != 200} == {
        "a cookie that cannot be read",
        "a deleted key",
        "the key before the newest",
        "the key of a deleted user",
        "a wrong key",
        "a session and a wrong key",
        "a user as somebody else",
    }
    answered = {who: ours[1] for who, (ours, _) in verdicts.items() if ours[0] == 200}
    assert {who for who, answer in answered.items() if not answer["runs tools"]} == {
        "an inactive user",
        "the key of an inactive user",
    }


@pytest.mark.parametrize("who", ["a user", "a key", "a session that has ended"])
def test_who_asks_is_one_statement(asked: _Asked, who: str) -> None:
    headers = _headers(asked.galaxy)[who]
    with asked.galaxy.statements() as statements, patch("galaxy.app.app", asked.galaxy.host, create=True):
        asked.client.get("/ours", headers=headers)
    assert len(statements) == 1


def test_a_token_of_this_galaxy_is_known_whatever_its_session(galaxy: InProcess) -> None:
    security = galaxy.host.security
    assert is_session_token(security, security.encode_id(7, kind="csrf"))
    assert not is_session_token(security, security.encode_id(7))
    assert not is_session_token(security, "0123456789abcdef")


def test_the_way_back_is_one_parameter() -> None:
    assert login_path("/join-training/a?x=1&y=2") == "/login/start?redirect=%2Fjoin-training%2Fa%3Fx%3D1%26y%3D2"
    assert login_path("/tiaas/", "register") == "/register/start?redirect=%2Ftiaas%2F"


def test_galaxy_leads_whoever_comes_from_a_provider_for_the_first_time_to_this_page() -> None:
    modules = Path(galaxy.authnz.__file__ or "").parent.glob("*.py")
    assert any(ADDED_BY_FIRST_LOGIN in module.read_text() for module in modules)


# Remote users


class _Named(NamedTuple):
    """What became of a request that a proxy passed on."""

    username: Optional[str]
    session: str
    #: Names and paths of the cookies that the browser is to keep.
    cookies: set[tuple[str, str]]


class _Proxy:
    """A Galaxy with ``use_remote_user``, at the root or below a prefix."""

    def __init__(self, galaxy: InProcess, prefix: str) -> None:
        self.galaxy = galaxy
        host: Any = galaxy.host
        host[UserManager] = UserManager(host)
        app = FastAPI()
        app.add_api_route("/ours", self._ours, response_model=None)
        app.mount("/", older_part(galaxy))
        parent = FastAPI()
        parent.mount(prefix, app)
        self.client = TestClient(parent if prefix else app)
        self.path = f"{prefix}/ours"

    async def _ours(self, request: Request) -> dict[str, Any]:
        request, cookies = await with_session_of_remote_user(request, self.galaxy.host.config)
        return {"session": request.cookies.get(SESSION_COOKIE, ""), "all": request.cookies, "cookies": cookies}

    def ask(self, name: Optional[str] = None, session: str = "") -> _Named:
        headers = {"cookie": f"other=1; {SESSION_COOKIE}={session}"} if session else {"cookie": "other=1"}
        if name:
            headers["remote-user"] = f"{name}@example.org"
        self.client.cookies.clear()
        answer = self.client.get(self.path, headers=headers).json()
        assert answer["all"]["other"] == "1"
        parsed = [(cookie.partition("=")[0], cookie.lower().partition("path=")[2]) for cookie in answer["cookies"]]
        username = self._username(answer["session"]) if answer["session"] else None
        return _Named(username, answer["session"], {(cookie, path.partition(";")[0]) for cookie, path in parsed})

    def _username(self, cookie: str) -> Optional[str]:
        key = self.galaxy.host.security.decode_guid(cookie)
        statement = select(User.username).join(GalaxySession, GalaxySession.user_id == User.id)
        valid = statement.where(GalaxySession.session_key == key, GalaxySession.is_valid == true())
        return self.galaxy.session.scalar(valid)


@pytest.fixture(params=["", "/galaxy"], ids=["root", "prefix"])
def proxy(make_galaxy: Callable[..., InProcess], request: pytest.FixtureRequest) -> _Proxy:
    conf = {"galaxy_url_prefix": request.param or "/", "use_remote_user": True, "require_login": True}
    return _Proxy(make_galaxy(galaxy_conf=conf), request.param)


def test_galaxys_older_part_makes_the_session_of_whom_the_proxy_names(proxy: _Proxy) -> None:
    first = proxy.ask("harry")
    prefix = proxy.path.removesuffix("/ours")
    assert first.username == "harry"
    assert first.cookies == {
        (SESSION_COOKIE, prefix or "/"),
        (TOOL_RUNNER_SESSION_COOKIE, f"{prefix}/tool_runner"),
    }
    assert proxy.ask("harry", first.session) == ("harry", first.session, set())


def test_galaxys_older_part_ends_the_session_of_somebody_else(proxy: _Proxy) -> None:
    harrys = proxy.ask("harry").session
    ginny = proxy.ask("ginny", harrys)
    assert ginny.username == "ginny" and ginny.session != harrys and ginny.cookies
    assert proxy.ask(None, harrys).username is None


def test_galaxys_older_part_gives_a_session_of_nobody_to_whom_the_proxy_names(proxy: _Proxy) -> None:
    nobodys = _cookie(proxy.galaxy, None)["cookie"].partition("=")[2]
    assert proxy.ask("harry", nobodys) == ("harry", nobodys, set())


def test_whose_session_has_become_too_old_has_a_new_one(proxy: _Proxy) -> None:
    harrys, config = proxy.ask("harry").session, proxy.galaxy.host.config
    proxy.galaxy.session.execute(update(GalaxySession).values(last_action=BEFORE))
    proxy.galaxy.session.commit()
    with patch.object(config, "session_duration", 1):
        harry = proxy.ask("harry", harrys)
        assert harry.username == "harry" and harry.session != harrys
        assert proxy.ask("harry", harry.session) == ("harry", harry.session, set())


def test_nothing_changes_for_whom_the_proxy_does_not_name(proxy: _Proxy) -> None:
    harrys = proxy.ask("harry").session
    assert proxy.ask() == (None, "", set())
    assert proxy.ask(None, harrys) == ("harry", harrys, set())


@pytest.mark.parametrize("settings", [{"use_remote_user": True}, {"single_user": "harry@example.org"}, {}])
def test_galaxys_configuration_says_whether_there_are_remote_users(
    make_galaxy: Callable[..., InProcess], settings: dict[str, Any]
) -> None:
    assert uses_remote_user(make_galaxy(galaxy_conf=settings).host.config) is bool(settings)


# Accounts


def test_galaxy_sends_the_link_that_activates_an_account_from_this_page() -> None:
    _, controller, action = ACTIVATION_PATH.split("/")
    assert controller == "user" and getattr(UserController, action).exposed


def test_visitors_can_make_an_account_unless_galaxys_settings_say_otherwise(galaxy: InProcess) -> None:
    assert allows_registration(galaxy.host.config)


@pytest.mark.parametrize(
    "settings",
    [
        {"allow_local_account_creation": False},
        {"allow_user_creation": False},
        {"use_remote_user": True},
        {"disable_local_accounts": True},
    ],
)
def test_galaxys_settings_can_forbid_visitors_to_make_an_account(
    make_galaxy: Callable[..., InProcess], settings: dict[str, bool]
) -> None:
    config = make_galaxy(galaxy_conf=settings).host.config
    known = {
        name for option, about in config.schema.app_schema.items() for name in (option, about.get("deprecated_alias"))
    }
    assert set(settings) <= known
    assert not allows_registration(config)
