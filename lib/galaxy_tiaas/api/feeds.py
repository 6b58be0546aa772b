"""Answers for programs that have no Galaxy account."""

from typing import cast

from fastapi import (
    Depends,
    Header,
    Query,
)


def _feed_token(
    feed_token: str = Query("", description="The `feed_token` of the settings; better sent as a header."),
    authorization: str = Header("", description="`Bearer` and the `feed_token` of the settings."),
) -> str:
    return feed_token or authorization.removeprefix("Bearer ")


#: What a program sent to be let in without an account; empty if nothing.
DependsOnFeedToken = cast(str, Depends(_feed_token))
