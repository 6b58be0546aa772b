"""What the client in bioblend's style sends; the rest is tested against a server."""

from typing import Any

import pytest
from bioblend.galaxy import GalaxyInstance
from galaxy_tiaas.bioblend import TrainingsClient


def test_an_invitation_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(TrainingsClient, "_put", lambda _, payload, url: sent.append((url, payload)))
    monkeypatch.setattr(TrainingsClient, "_get", lambda _, url: sent.append(url))
    client = TrainingsClient(GalaxyInstance("https://galaxy.example.org", key="key"))
    client.get_invitations()
    client.answer_invitation("gryffindor", True)
    assert sent == [
        "https://galaxy.example.org/api/tiaas/invitations",
        ("https://galaxy.example.org/api/tiaas/trainings/gryffindor/invitation", {"accept": True}),
    ]


def test_a_training_is_given_another_identifier(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(TrainingsClient, "_put", lambda _, payload, url: sent.append((url, payload)))
    client = TrainingsClient(GalaxyInstance("https://galaxy.example.org", key="key"))
    client.update_training("gryffindor", identifier="lions", title="Bravery")
    assert sent == [
        ("https://galaxy.example.org/api/tiaas/trainings/gryffindor", {"identifier": "lions", "title": "Bravery"})
    ]
