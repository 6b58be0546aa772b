"""What docs/schedulers.md shows is what happens."""

import io
import json
import re
from email.message import Message
from pathlib import Path
from typing import Any
from urllib import request
from urllib.error import HTTPError

import pytest

_PAGE = Path(__file__).parents[2].joinpath("docs", "schedulers.md").read_text(encoding="utf-8")


def _block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", _PAGE, re.DOTALL)
    assert found
    return found[1]


def test_the_autoscaler_counts_machines_and_asks_for_changes_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trainings = json.loads(_block("json"))
    trainings[0].update(opens="2001-01-01T00:00:00Z", closes="2100-01-01T00:00:00Z")
    trainings.append({**trainings[0], "opens": "2099-01-01T00:00:00Z", "environment": "slurm"})
    asked: list[tuple[str, dict[str, str]]] = []

    class Answer(io.BytesIO):
        headers = {"etag": 'W/"1"'}

    def urlopen(asking: request.Request, timeout: float) -> Any:
        asked.append((asking.full_url, dict(asking.header_items())))
        if asking.get_header("If-none-match") == 'W/"1"':
            raise HTTPError(asking.full_url, 304, "Not Modified", Message(), None)
        return Answer(json.dumps(trainings).encode())

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    monkeypatch.setenv("GALAXY_URL", "https://galaxy.example.org")
    monkeypatch.setenv("FEED_TOKEN", "alohomora")
    monkeypatch.setenv("TIAAS_KEPT", str(tmp_path / "kept.json"))
    for _ in range(2):
        exec(compile(_block("python"), "schedulers.md", "exec"), {})
        assert capsys.readouterr().out == "slurm-2c 3\n"
    assert [headers["If-none-match"] for _, headers in asked] == ["", 'W/"1"']
    assert {url for url, _ in asked} == {"https://galaxy.example.org/api/tiaas/running"}
