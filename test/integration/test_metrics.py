"""Prometheus scrapes a running server."""

import requests
from classroom import (
    Classroom,
    NOW,
    ok,
)
from fixtures import FEED_TOKEN
from prometheus_client.parser import text_string_to_metric_families


def _scrape(classroom: Classroom, **headers: str) -> requests.Response:
    return requests.get(f"{classroom.galaxy.url}/api/tiaas/metrics", headers=headers, timeout=60)


def _numbers(response: requests.Response) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(ok_text(response))
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def ok_text(response: requests.Response) -> str:
    assert response.ok, response.text
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    return response.text


def test_prometheus_reads_numbers_with_the_token_and_admins_with_their_key(classroom: Classroom) -> None:
    identifier = classroom.approved(NOW)
    by_token = _numbers(_scrape(classroom, authorization=f"Bearer {FEED_TOKEN}"))
    by_key = _numbers(_scrape(classroom, **{"x-api-key": classroom.admin.api_key}))
    assert by_token["galaxy_tiaas_training_members", identifier] == 0
    assert by_token.keys() == by_key.keys()


def test_nobody_else_reads_them(classroom: Classroom) -> None:
    for headers in ({}, {"x-api-key": classroom.instructor.api_key}, {"authorization": "Bearer open-sesame"}):
        refused = _scrape(classroom, **headers)
        assert refused.status_code in (401, 403)
        assert refused.json()["err_msg"]


def test_whichever_process_answers_nothing_is_forgotten(classroom: Classroom) -> None:
    """A counter that goes back is a restart to Prometheus."""
    identifier = classroom.approved(NOW)
    before = _numbers(_scrape(classroom, authorization=f"Bearer {FEED_TOKEN}"))
    ok(classroom.join(identifier, classroom.trainee))
    for _ in range(5):
        after = _numbers(_scrape(classroom, authorization=f"Bearer {FEED_TOKEN}"))
        assert after["galaxy_tiaas_joins_total",] == before["galaxy_tiaas_joins_total",] + 1
        assert after["galaxy_tiaas_training_members", identifier] == 1
