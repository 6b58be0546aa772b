"""What we rely on of Galaxy's sessions: compat/session.py. The pages to log in are in test_compat_webhooks.py."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import (
    Any,
    cast,
    Optional,
)
from unittest.mock import patch

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from galaxy.managers.users import UserManager
from galaxy.model import (
    APIKeys,
    GalaxySession,
)
from galaxy.schema.fields import Security
from galaxy.webapps.base.api import add_exception_handler
from galaxy.webapps.base.webapp import GalaxyWebTransaction
from galaxy.webapps.galaxy.api import (
    api_key_cookie,
    DependsOnTrans,
)
from galaxy.work.context import SessionRequestContext
from galaxy_tiaas.compat.session import (
    allows_registration,
    Caller,
    DependsOnCaller,
    is_session_token,
    login_path,
    SESSION_COOKIE,
)
from galaxy_tiaas.core.actor import Actor
from in_process import (
    account_of,
    BEFORE,
    DURING,
    InProcess,
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
        app = FastAPI()
        app.add_middleware(RawContextMiddleware, plugins=(RequestIdPlugin(force_new_uuid=True),))
        add_exception_handler(app)
        app.get("/ours")(self._ours)
        app.get("/galaxys")(self._galaxys)
        self.client = TestClient(app)

    @staticmethod
    def _ours(caller: Caller = DependsOnCaller) -> dict[str, Any]:
        account = caller.account
        return {"account": account and [*account], "admin": caller.is_admin, "token": caller.token}

    @staticmethod
    def _galaxys(trans: SessionRequestContext = DependsOnTrans) -> dict[str, Any]:
        user, galaxys_token = trans.user, cast(Any, GalaxyWebTransaction.session_csrf_token)
        has_account = user is not None and not user.bootstrap_admin_user
        account = [user.id, user.email, user.username, user.deleted] if has_account else None
        return {"account": account, "admin": trans.user_is_admin, "token": galaxys_token.fget(trans)}

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
    account_of(inactive).active = False
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


def test_visitors_can_make_an_account_unless_galaxys_settings_say_otherwise(galaxy: InProcess) -> None:
    assert allows_registration(galaxy.host.config)


@pytest.mark.parametrize(
    "settings",
    [{"allow_local_account_creation": False}, {"use_remote_user": True}, {"disable_local_accounts": True}],
)
def test_galaxys_settings_can_forbid_visitors_to_make_an_account(
    make_galaxy: Callable[..., InProcess], settings: dict[str, bool]
) -> None:
    config = make_galaxy(galaxy_conf=settings).host.config
    assert set(settings) <= set(config.schema.app_schema)
    assert not allows_registration(config)
