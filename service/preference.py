"""What a client would rather have (RFC 7240): the header ``Prefer`` of a request."""

import re

from flask import request

from service.schemas import MAX_WAIT

WAIT = re.compile(r"\bwait=([0-9]{1,6})\b", re.ASCII)


def preferred_wait() -> int:
    """``Prefer: wait=N``, the seconds for which the answer may be held back; 0 without it."""
    found = WAIT.search(request.headers.get("Prefer", ""))
    return min(int(found[1]), MAX_WAIT) if found else 0
