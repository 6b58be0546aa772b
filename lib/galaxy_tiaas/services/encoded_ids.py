"""What stands for a row of Galaxy outside of the server."""

from typing import Optional

from galaxy.exceptions import MalformedId
from galaxy.security.idencoding import IdEncodingHelper


def decoded(security: IdEncodingHelper, text: str) -> Optional[int]:
    """The number behind an encoded id; ``None`` if the text is none."""
    try:
        return security.decode_id(text)
    except MalformedId:
        return None
