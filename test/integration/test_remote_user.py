"""Behind a proxy that says who somebody is (`use_remote_user`), with `require_login`, below a prefix."""

from collections.abc import Iterator
from typing import (
    Any,
    Optional,
)

import pytest
import requests
from classroom import Classroom
from fixtures import GalaxyServer
from servers import (
    ONE_RUN,
    PREFIX,
)

_SECRET = "mischief managed"


@pytest.fixture(scope="module")
def behind_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GalaxyServer]:
    server = GalaxyServer(
        tmp_path_factory.mktemp("behind_proxy"),
        url_prefix=PREFIX,
        tiaas_conf=ONE_RUN,
        galaxy_conf={
            "use_remote_user": True,
            "remote_user_secret": _SECRET,
            "remote_user_maildomain": "example.org",
            "require_login": True,
        },
    )
    with server:
        yield server


@pytest.fixture
def classroom(behind_proxy: GalaxyServer) -> Classroom:
    return Classroom(behind_proxy)


def _named(name: Optional[str], secret: str = _SECRET) -> dict[str, str]:
    """What the proxy sends of somebody, or of nobody."""
    return {"gx-secret": secret, **({"remote-user": name} if name else {})}


def _session_cookie(answer: requests.Response) -> Any:
    return next((cookie for cookie in answer.cookies if cookie.name == "galaxysession"), None)


def test_the_first_visit_of_a_join_link_joins(classroom: Classroom) -> None:
    link, browser = f"/join-training/{classroom.approved()}", requests.Session()
    first = classroom.page(link, browser, headers=_named("harry"))
    assert (first.status_code, _session_cookie(first).path) == (200, PREFIX)
    assert "<h1>You are in.</h1>" in first.text
    second = classroom.page(link, browser, headers=_named("harry"))
    assert "<h1>You are already in.</h1>" in second.text and _session_cookie(second) is None
    assert classroom.members(link.rpartition("/")[2]) == ["harry"]
    accounts = classroom.galaxy.query("SELECT email, external FROM galaxy_user WHERE username = 'harry'")
    assert [tuple(account) for account in accounts] == [("harry@example.org", True)]


def test_somebody_else_at_the_same_browser_joins_for_themselves(classroom: Classroom) -> None:
    identifier, browser = classroom.approved(), requests.Session()
    other, link = classroom.approved(), f"/join-training/{identifier}"
    classroom.page(link, browser, headers=_named("ron"))
    page = classroom.page(f"/join-training/{other}/leave", browser, headers=_named("ron"))
    rons = dict(browser.cookies)
    assert page.status_code == 200
    form = {"session_csrf_token": classroom.galaxy.csrf_token(browser)}
    refused = browser.post(
        f"{classroom.galaxy.url}/join-training/{other}", data=form, headers=_named("ginny"), timeout=60
    )
    assert refused.status_code == 403
    assert "<h1>You are in.</h1>" in classroom.page(link, browser, headers=_named("ginny")).text
    assert classroom.members(identifier) == ["ginny", "ron"] and classroom.members(other) == []
    api = f"{classroom.galaxy.url}/api/users/current"
    assert requests.get(api, cookies=rons, timeout=60).json().get("username") is None


@pytest.mark.parametrize(
    "headers",
    [{}, _named(None), _named("draco", "wrong"), {"remote-user": "draco"}, _named("(null)")],
    ids=["nothing", "nobody", "wrong secret", "no secret", "null"],
)
def test_nobody_gets_in_whom_galaxy_refuses_and_nobody_is_sent_in_circles(
    classroom: Classroom, headers: dict[str, str]
) -> None:
    identifier = classroom.approved()
    for path in (f"/join-training/{identifier}", "/tiaas/", "/tiaas/trainings/", "/tiaas/nowhere"):
        page = classroom.page(path, headers=headers)
        assert (page.status_code, _session_cookie(page)) == (403, None), path
        assert (
            "Galaxy did not learn from the login of this server who you are. Log in there, then load this page again."
            in page.text
        )
        assert "Log in</a>" not in page.text
    assert classroom.members(identifier) == []
    assert not classroom.galaxy.query("SELECT 1 FROM galaxy_user WHERE username = 'draco'")
