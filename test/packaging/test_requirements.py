"""To install us into a Galaxy changes nothing of what that Galaxy pins; test/galaxy_releases has the pins.

What is not pinned there, and what that requires in its turn, is read of what is installed for the tests.
"""

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

RELEASES = sorted((Path(__file__).parents[1] / "galaxy_releases").glob("*.txt"))
PYTHONS = ("3.10", "3.11", "3.12", "3.13")

Environment = dict[str, str]


class Asked(NamedTuple):
    by: str
    requirement: Requirement


def _python(version: str) -> Environment:
    values = {name: str(value) for name, value in default_environment().items()}
    return {**values, "python_version": version, "python_full_version": f"{version}.0", "extra": ""}


def _holds(requirement: Requirement, environment: Environment) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(environment)


def _pins(release: Path, environment: Environment) -> dict[str, str]:
    """The version of each library in a Galaxy of this release."""
    lines = [line for line in release.read_text().splitlines() if line and not line.startswith("#")]
    pinned = [requirement for requirement in map(Requirement, lines) if _holds(requirement, environment)]
    return {canonicalize_name(each.name): str(each.specifier).removeprefix("==") for each in pinned}


def _requirements_of(name: str, environment: Environment) -> list[Asked]:
    texts = metadata.requires(name) or []
    return [Asked(name, each) for each in map(Requirement, texts) if _holds(each, environment)]


def _all_that_is_asked(pins: dict[str, str], environment: Environment) -> Iterator[Asked]:
    """What we require, and what is required by libraries that come with us."""
    waiting = _requirements_of("galaxy-tiaas", environment)
    seen: set[str] = set()
    while waiting:
        asked = waiting.pop()
        yield asked
        name = canonicalize_name(asked.requirement.name)
        if name not in pins and name not in seen:
            seen.add(name)
            waiting += _requirements_of(name, environment)


def _unmet(asked: list[Asked], pins: dict[str, str]) -> list[str]:
    """What Galaxy's versions do not meet; what is not pinned comes with us."""
    return [
        f"{by} wants {requirement}, Galaxy has {pinned}"
        for by, requirement in asked
        if (pinned := pins.get(canonicalize_name(requirement.name)))
        and not requirement.specifier.contains(pinned, prereleases=True)
    ]


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("release", RELEASES, ids=[file.stem for file in RELEASES])
def test_everything_that_comes_with_us_is_content_with_the_versions_of_galaxy(release: Path, python: str) -> None:
    environment = _python(python)
    pins = _pins(release, environment)
    assert len(pins) > 200
    asked = [*_all_that_is_asked(pins, environment)]
    assert "python-dateutil" in {each.requirement.name for each in asked}
    assert _unmet(asked, pins) == []


@pytest.mark.parametrize("release", RELEASES, ids=[file.stem for file in RELEASES])
def test_we_require_nothing_that_galaxy_brings(release: Path) -> None:
    environment = _python("3.11")
    pins = _pins(release, environment)
    core = [each.requirement.name for each in _requirements_of("galaxy-tiaas", environment)]
    assert core and not [name for name in core if canonicalize_name(name) in pins]


def test_a_requirement_that_galaxy_cannot_meet_is_seen() -> None:
    """As icalendar 7 has it, beside Galaxy 25.1."""
    pins = _pins(RELEASES[0], _python("3.11"))
    asked = [Asked("icalendar", Requirement(text)) for text in ("tzdata>=2025.3", "tzdata", "python-dateutil")]
    assert _unmet(asked, pins) == ["icalendar wants tzdata>=2025.3, Galaxy has 2025.2"]
