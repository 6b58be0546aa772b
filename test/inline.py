"""What a Content Security Policy without ``unsafe-inline`` makes browsers ignore."""

import re

_ATTRIBUTE = r"[\s\"'](style|on[a-z]+)\s*=\s*[\"']"
_SCRIPT = r"<script(?![^>]*(\ssrc=|application/json))"
INLINE = re.compile(f"<style|{_ATTRIBUTE}|javascript:|{_SCRIPT}")
