"""Parts of addresses that several operations have in common."""

from typing import Annotated

from fastapi import Path

IdentifierPath = Annotated[str, Path(description="Identifier of the training; case does not matter.")]
