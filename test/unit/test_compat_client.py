"""What our scripts and styles rely on of Galaxy's client: webhooks/."""

import re
from functools import cache
from pathlib import Path

import galaxy.web_client
import galaxy.webapps.base
import galaxy_tiaas
import pytest

PACKAGE = Path(galaxy_tiaas.__file__).parent

#: What our scripts and styles look for in Galaxy's window: ids, classes, attributes and events.
CLIENT = {
    "tiaas_admin/script.js": [
        "admin-link-users",
        "galaxy_main",
        "title-link",
        "toolSectionBody",
        "toolSectionTitle",
        "toolTitle",
    ],
    "tiaas_centre/script.js": ["afterEach", "currentRoute", "galaxy_main", "router-push"],
    "tiaas_masthead/styles.css": ["loggedin-only", "masthead"],
}


@cache
def _client() -> str:
    dist = Path(galaxy.web_client.__file__ or "").parent / "dist"
    return "\n".join(file.read_text(errors="replace") for file in dist.glob("*.js"))


def _client_has(pattern: str) -> bool:
    """Not for an assertion to look itself: pytest would quote all of the client."""
    return re.search(pattern, _client()) is not None


@pytest.mark.parametrize(("file", "name"), [(file, name) for file, names in CLIENT.items() for name in names])
def test_galaxys_client_has_what_our_scripts_look_for(file: str, name: str) -> None:
    assert name in (PACKAGE / "webhooks" / file).read_text()
    assert _client_has(name)


def test_galaxys_page_says_where_its_root_is() -> None:
    """Our scripts read it there, as Galaxy's client does."""
    page = Path(galaxy.webapps.base.__file__ or "").parent / "templates" / "js-app.mako"
    assert '<link rel="index" href="${ h.url_for( \'/\' ) }"/>' in page.read_text()
    assert _client_has(r"\.rel ?===? ?[`'\"]index[`'\"]|[`'\"]index[`'\"] ?===? ?\w+\.rel")
    for script in ("tiaas_admin", "tiaas_centre", "tiaas_return"):
        assert "link[rel=index]" in (PACKAGE / "webhooks" / script / "script.js").read_text()


@pytest.mark.parametrize("path", ["/login/start", "/register/start"])
def test_galaxys_client_has_the_pages_to_log_in_and_to_make_an_account(path: str) -> None:
    assert _client_has(rf"path: ?[`'\"]{path}[`'\"]")
