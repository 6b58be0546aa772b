"""What we rely on of Galaxy's sessions: compat/session.py. The pages to log in are in test_compat_webhooks.py."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from galaxy.webapps.base.webapp import GalaxyWebTransaction
from galaxy.webapps.galaxy.api import api_key_cookie
from galaxy_tiaas.compat.session import (
    allows_registration,
    is_session_token,
    login_path,
    SESSION_COOKIE,
    session_token,
)
from in_process import InProcess


@pytest.fixture
def trans(galaxy: InProcess) -> Any:
    return SimpleNamespace(security=galaxy.host.security, galaxy_session=SimpleNamespace(id=7))


def test_galaxys_api_reads_the_session_from_this_cookie() -> None:
    assert api_key_cookie.model.name == SESSION_COOKIE


def test_the_token_is_the_one_of_galaxys_own_forms(trans: Any) -> None:
    galaxys: Any = GalaxyWebTransaction.session_csrf_token
    assert session_token(trans) == galaxys.fget(trans) != ""
    trans.galaxy_session = None
    assert session_token(trans) == galaxys.fget(trans) == ""


def test_a_token_of_this_galaxy_is_known_whatever_its_session(trans: Any) -> None:
    token = session_token(trans)
    trans.galaxy_session = None
    assert is_session_token(trans, token)
    assert not is_session_token(trans, trans.security.encode_id(7))
    assert not is_session_token(trans, "0123456789abcdef")


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
