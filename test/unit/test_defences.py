"""The list of defences is current; scripts/remove_defences.sh shows that each has a test."""

import pytest

from scripts.remove_defences import (
    Defence,
    read_defences,
    ROOT,
)


@pytest.mark.parametrize("defence", read_defences(), ids=lambda defence: defence.name)
def test_a_defence_is_where_the_list_says(defence: Defence) -> None:
    source = (ROOT / defence.file).read_text()
    assert defence.without(source) != source
    file, test = defence.test.split("::")
    assert f"def {test.partition('[')[0]}(" in (ROOT / file).read_text()
