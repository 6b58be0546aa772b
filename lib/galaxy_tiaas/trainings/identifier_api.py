"""API operation on identifiers that no training has yet."""

from typing import Optional

from fastapi import Query
from galaxy.webapps.galaxy.api import depends

from ..core.times import (
    FIRST_DATE,
    LAST_DATE,
)
from ..web.api import (
    ApiController,
    ApiRouter,
)
from .identifier_service import IdentifiersService
from .schema import IdentifierCheck

router = ApiRouter()


@router.cbv
class FastAPITrainingIdentifiers(ApiController):
    service: IdentifiersService = depends(IdentifiersService)

    @router.get(
        "/api/tiaas/identifiers",
        summary="Say whether an identifier is free for a training, and suggest others.",
    )
    def check(
        self,
        text: str = Query("", max_length=255, description="The identifier as it was typed."),
        title: str = Query("", max_length=255, description="Title of the training, to make suggestions from."),
        year: Optional[int] = Query(
            None, ge=FIRST_DATE.year, le=LAST_DATE.year, description="Year of the training, for suggestions."
        ),
        except_for: str = Query("", max_length=255, description="Identifier of the training that is to be renamed."),
    ) -> IdentifierCheck:
        return self.service.check(self.actor, text, self.now, title=title, year=year, except_for=except_for)
