"""Through which door somebody changes a training."""

from typing import Literal

#: The pages, the JSON API, the command line, the lifecycle, an import from another system.
Door = Literal["page", "api", "command", "lifecycle", "import"]

DOORS: tuple[Door, ...] = ("page", "api", "command", "lifecycle", "import")
#: Where what comes in was typed by somebody just now.
PEOPLES_DOORS: tuple[Door, ...] = ("page", "api", "command")
