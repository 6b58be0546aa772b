"""The source of a change of a training."""

from typing import Literal

#: The pages, the JSON API, the command line, the lifecycle, an import from another system.
ChangeSource = Literal["page", "api", "command", "lifecycle", "import"]

CHANGE_SOURCES: tuple[ChangeSource, ...] = ("page", "api", "command", "lifecycle", "import")
#: Where what comes in was typed by somebody just now.
PEOPLES_SOURCES: tuple[ChangeSource, ...] = ("page", "api", "command")
