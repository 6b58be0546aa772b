"""What many people are shown is made into text once."""

import threading
from collections.abc import Callable

import pytest
from galaxy_tiaas.pages.rendered import RenderedOnce


class Renderer:
    """Makes texts and remembers which."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self, text: str) -> Callable[[], str]:
        def render() -> str:
            self.made.append(text)
            return text

        return render


def test_a_text_is_rendered_when_it_changes_and_not_before() -> None:
    rendered, renderer = RenderedOnce(), Renderer()
    for kind, etag in (("public", "1"), ("public", "1"), ("teacher", "1"), ("public", "2"), ("public", "2")):
        assert rendered.get(kind, etag, renderer(f"{kind} {etag}")) == f"{kind} {etag}"
    assert renderer.made == ["public 1", "teacher 1", "public 2"]


def test_of_many_who_ask_at_once_one_renders() -> None:
    rendered, renderer, everybody = RenderedOnce(), Renderer(), threading.Barrier(8)
    texts = []

    def ask() -> None:
        everybody.wait()
        texts.append(rendered.get("public", "1", renderer("text")))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (texts, renderer.made) == (["text"] * 8, ["text"])


def test_a_mistake_is_not_kept() -> None:
    rendered = RenderedOnce()
    with pytest.raises(ZeroDivisionError):
        rendered.get("public", "1", lambda: str(1 / 0))
    assert rendered.get("public", "1", lambda: "text") == "text"


def test_texts_that_nobody_asks_for_any_more_are_dropped() -> None:
    rendered, renderer = RenderedOnce(most=2), Renderer()
    for kind in ("one", "two", "one", "three", "one", "two"):
        rendered.get(kind, "1", renderer(kind))
    assert renderer.made == ["one", "two", "three", "two"]
