"""The extension is a part of Galaxy: with one process on SQLite, with two preloaded ones on PostgreSQL."""

import re
from typing import Any

import pytest
import requests
from fixtures import (
    BOOTSTRAP_KEY,
    GalaxyServer,
)
from galaxy.version import VERSION_MAJOR
from galaxy_tiaas import __version__
from galaxy_tiaas.core.model import (
    migrate,
    SECRET_BYTES,
)
from servers import on_both_servers

pytestmark = on_both_servers

WEBHOOKS = {"tiaas_masthead", "tiaas_admin", "tiaas_centre", "tiaas_return"}


def _get(galaxy: GalaxyServer, path: str, method: str = "GET", **headers: str) -> requests.Response:
    return requests.request(method, f"{galaxy.url}{path}", headers=headers, timeout=60, allow_redirects=False)


def _ours_in_log(galaxy: GalaxyServer, level: str) -> list[str]:
    return [line for line in galaxy.log_text().splitlines() if re.match(rf"galaxy_tiaas\S* {level} ", line)]


# What answers


@pytest.mark.parametrize(
    "path, status, kind",
    [
        ("/tiaas/", 200, "text/html"),
        ("/tiaas", 200, "text/html"),
        ("/tiaas/stats/", 200, "text/html"),
        ("/tiaas/calendar/", 200, "text/html"),
        ("/tiaas/new/", 302, ""),
        ("/tiaas/trainings/", 302, ""),
        ("/tiaas/admin/", 403, "text/html"),
        ("/tiaas/admin/routing", 403, "text/html"),
        ("/tiaas/trainings/nobody-knows-me", 403, "text/html"),
        ("/tiaas/stats.csv", 200, "text/csv"),
        ("/tiaas/numbers.csv", 200, "text/csv"),
        ("/tiaas/years.csv", 200, "text/csv"),
        ("/tiaas/calendar/events.json", 200, "application/json"),
        ("/tiaas/calendar.ics", 200, "text/calendar"),
        ("/tiaas/static/dist/manifest.json", 200, "application/json"),
        ("/tiaas/static/no-such-file", 404, ""),
        ("/tiaas/no-such-page", 404, "text/html"),
        ("/join-training/", 404, "text/html"),
        ("/join-training/nobody-knows-me", 404, "text/html"),
        ("/join-training/nobody-knows-me/no-such-page", 404, "text/html"),
        ("/join-training/nobody-knows-me/status", 404, "text/html"),
        ("/api/tiaas/trainings", 200, "application/json"),
        ("/api/tiaas/trainings/nobody-knows-me", 404, "application/json"),
        ("/api/tiaas/statistics", 200, "application/json"),
        ("/api/tiaas/calendar", 200, "application/json"),
        ("/api/tiaas/running", 403, "application/json"),
        ("/api/tiaas/metrics", 403, "application/json"),
        ("/api/tiaas/routing", 403, "application/json"),
    ],
)
def test_pages_and_api_answer(galaxy: GalaxyServer, path: str, status: int, kind: str) -> None:
    response = _get(galaxy, path)
    assert response.status_code == status, response.text[:500]
    assert response.headers.get("content-type", "").startswith(kind)


@pytest.mark.parametrize(
    "path", ["/tiaas/", "/tiaas/stats/", "/tiaas/calendar/", "/tiaas/stats.csv", "/tiaas/calendar.ics"]
)
def test_pages_answer_to_head(galaxy: GalaxyServer, path: str) -> None:
    head, get = _get(galaxy, path, "HEAD"), _get(galaxy, path)
    assert (head.status_code, head.text) == (200, "")
    assert head.headers["content-type"] == get.headers["content-type"]


def test_reloading_what_a_form_was_sent_to_leads_to_the_page_of_the_form(galaxy: GalaxyServer) -> None:
    for path in ("/tiaas/trainings/a-course/withdraw", "/tiaas/trainings/a-course/withdraw/"):
        response = _get(galaxy, path)
        assert (response.status_code, response.headers["location"]) == (303, "/tiaas/trainings/a-course")


def test_a_page_is_not_found_under_a_method_that_it_does_not_have(galaxy: GalaxyServer) -> None:
    assert _get(galaxy, "/tiaas/stats/", "DELETE").status_code in (404, 405)


def test_the_built_client_may_be_kept_by_browsers_and_the_list_of_its_files_may_not(galaxy: GalaxyServer) -> None:
    page = _get(galaxy, "/tiaas/").text
    files = re.findall(r'(?:href|src)="(/tiaas/static/dist/[^"]+)"', page)
    assert {file.rpartition(".")[2] for file in files} == {"css", "js"}
    for file in files:
        assert "immutable" in _get(galaxy, file).headers["cache-control"]
    assert "cache-control" not in _get(galaxy, "/tiaas/static/dist/manifest.json").headers


# What is still Galaxy's


def test_galaxys_client_still_gets_every_path_that_is_not_ours(galaxy: GalaxyServer) -> None:
    for path in ("/", "/login/start", "/histories/list", "/admin/users"):
        response = _get(galaxy, path)
        assert response.status_code == 200
        assert 'id="app"' in response.text, path


@pytest.mark.parametrize("path", ["/no/such/page", "/tiaas-not-ours", "/join-trainings/x"])
def test_a_path_that_nobody_has_is_for_galaxy_to_answer(galaxy: GalaxyServer, path: str) -> None:
    ours, galaxys = _get(galaxy, path), _get(galaxy, "/surely/no/such/page")
    assert ours.status_code == galaxys.status_code == 404
    assert ours.headers["content-type"] == galaxys.headers["content-type"]


def test_galaxys_older_api_still_answers(galaxy: GalaxyServer) -> None:
    """It is behind the mount of the WSGI application, which has to stay the last of all routes."""
    assert galaxy.api("GET", "forms", key=BOOTSTRAP_KEY).json() == []
    assert galaxy.api("GET", "no/such/thing").status_code == 404


def test_galaxys_newer_api_still_answers(galaxy: GalaxyServer) -> None:
    assert galaxy.api("GET", "version").json()["version_major"] == VERSION_MAJOR


# What Galaxy says of us


def _references(schema: Any) -> set[str]:
    if isinstance(schema, dict):
        found = {schema["$ref"]} if isinstance(schema.get("$ref"), str) else set()
        return found.union(*map(_references, schema.values()))
    return set().union(*map(_references, schema)) if isinstance(schema, list) else set()


def test_openapi_holds_our_paths_beside_galaxys(galaxy: GalaxyServer) -> None:
    schema = _get(galaxy, "/openapi.json").json()
    paths = schema["paths"]
    assert {"/api/version", "/api/histories", "/api/jobs/{job_id}"} <= set(paths)
    ours = {path: operations for path, operations in paths.items() if "tiaas" in path}
    assert set(ours) == {
        f"/api/tiaas/{path}"
        for path in (
            "trainings",
            "trainings/{identifier}",
            "trainings/{identifier}/invitation",
            "trainings/{identifier}/state",
            "trainings/{identifier}/change",
            "trainings/{identifier}/end",
            "trainings/{identifier}/resume",
            "trainings/{identifier}/join",
            "trainings/{identifier}/leave",
            "trainings/{identifier}/members",
            "trainings/{identifier}/status",
            "trainings/{identifier}/progress",
            "trainings/{identifier}/help",
            "trainings/{identifier}/activity",
            "trainings/{identifier}/dashboard",
            "trainings/{identifier}/membership",
            "trainings/{identifier}/hand",
            "trainings/{identifier}/hands/{pseudonym}",
            "trainings/{identifier}/question",
            "trainings/{identifier}/answer",
            "trainings/{identifier}/history",
            "identifiers",
            "invitations",
            "running",
            "history",
            "mail",
            "metrics",
            "routing",
            "statistics",
            "calendar",
        )
    }
    assert all(operation["summary"] for operations in ours.values() for operation in operations.values())


def test_every_operation_in_openapi_has_an_id_of_its_own(galaxy: GalaxyServer) -> None:
    paths = _get(galaxy, "/openapi.json").json()["paths"]
    ours, others = [], set()
    for path, operations in paths.items():
        found = [operation["operationId"] for operation in operations.values() if "operationId" in operation]
        if "tiaas" in path:
            ours += found
        else:
            others.update(found)
    assert len(ours) == len(set(ours)) > 10
    assert not set(ours) & others


def test_what_our_paths_refer_to_in_openapi_is_there(galaxy: GalaxyServer) -> None:
    schema = _get(galaxy, "/openapi.json").json()
    seen: set[str] = set()
    wanted = _references({path: part for path, part in schema["paths"].items() if "tiaas" in path})
    while wanted - seen:
        reference = (wanted - seen).pop()
        seen.add(reference)
        name = reference.removeprefix("#/components/schemas/")
        wanted |= _references(schema["components"]["schemas"][name])
    assert {"#/components/schemas/TrainingView", "#/components/schemas/TrainingCreate"} <= seen


def test_openapi_says_what_an_error_looks_like(galaxy: GalaxyServer) -> None:
    paths = _get(galaxy, "/openapi.json").json()["paths"]
    responses = paths["/api/tiaas/trainings/{identifier}"]["get"]["responses"]
    galaxys = paths["/api/histories"]["get"]["responses"]
    assert {code: responses[code] for code in ("4XX", "5XX")} == {code: galaxys[code] for code in ("4XX", "5XX")}


def test_the_api_documentation_answers(galaxy: GalaxyServer) -> None:
    assert "swagger" in _get(galaxy, "/api/docs").text.lower()


def test_errors_of_our_api_look_like_galaxys(galaxy: GalaxyServer) -> None:
    error = _get(galaxy, "/api/tiaas/trainings/nobody-knows-me").json()
    assert "nobody-knows-me" in error["err_msg"]
    assert error["err_code"] == 404001


def test_our_webhooks_are_loaded_once(galaxy: GalaxyServer) -> None:
    for _ in range(8):  # whichever of the processes answers
        found = [webhook["id"] for webhook in galaxy.api("GET", "webhooks").json()]
        assert sorted(found) == sorted(WEBHOOKS)
    # The client of Galaxy 25.1 asks for them in any case.
    assert galaxy.api("GET", "configuration").json().get("enable_webhooks", True) is True


def test_our_pages_have_the_headers_that_galaxy_gives_its_own(galaxy: GalaxyServer) -> None:
    ours, galaxys = _get(galaxy, "/tiaas/"), _get(galaxy, "/api/version")
    assert ours.headers["x-frame-options"] == galaxys.headers["x-frame-options"] == "SAMEORIGIN"
    assert ours.headers["x-request-id"]


@pytest.mark.parametrize(
    "path", ["/tiaas/", "/tiaas/calendar.ics", "/tiaas/calendar/events.json", "/tiaas/admin/", "/api/tiaas/trainings"]
)
def test_no_cache_gives_to_others_what_one_person_was_answered(galaxy: GalaxyServer, path: str) -> None:
    """The same address shows more to admins."""
    assert _get(galaxy, path).headers["cache-control"] == "private, no-cache"
    browser = galaxy.login(galaxy.admin)
    assert browser.get(f"{galaxy.url}{path}", timeout=60).headers["cache-control"] == "private, no-store"


# What was done at the start


def test_each_process_has_mounted_us_once_and_said_so(galaxy: GalaxyServer) -> None:
    galaxy.wait_for_log("is mounted", times=galaxy.workers)
    mounted = [line for line in _ours_in_log(galaxy, "INFO") if f"galaxy-tiaas {__version__} is mounted" in line]
    assert len(mounted) == galaxy.workers
    assert len([line for line in _ours_in_log(galaxy, "INFO") if "brought its tables to revision" in line]) == 1


def test_nothing_of_ours_went_wrong_at_the_start(galaxy: GalaxyServer) -> None:
    assert not [line for line in _ours_in_log(galaxy, "ERROR") if "stays switched off" in line]
    warnings = _ours_in_log(galaxy, "WARNING")
    # Galaxy's defaults are too small, but for SQLite.
    assert all("database_engine_option_pool_size" in line for line in warnings)
    assert bool(warnings) == galaxy.database_url.startswith("postgresql")


def test_our_tables_are_there_with_one_secret(galaxy: GalaxyServer) -> None:
    (row,) = galaxy.query("SELECT value FROM tiaas_secret")
    assert len(bytes(row.value)) == SECRET_BYTES
    (revision,) = galaxy.query("SELECT version_num FROM tiaas_alembic_version")
    assert revision.version_num == migrate.head_revision()
