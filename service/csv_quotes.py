"""Whether the quotes of a block stand where RFC 4180 has them, so that every reader finds the same cells.

Counted from the top of a block, every other quote opens. One that opens stands at the beginning of a cell, one that
closes stands at its end, and a doubled quote inside a cell closes and opens again at once. Where all do so, none is
left open and none is part of an unquoted cell; any other block needs the careful look of ``csv_check``.
"""

import numpy as np

QUOTE = ord('"')


def regular(data: bytes, delimiter: str) -> bool:
    """Whether this holds for records (which end with a line end); quick where there is no quote."""
    if b'"' not in data:
        return True
    letters = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(letters == QUOTE)
    if quotes.size % 2 or data[-1:] not in (b"\n", b"\r"):
        return False
    beside = np.zeros(256, np.bool_)
    beside[[QUOTE, ord(delimiter), ord("\n"), ord("\r")]] = True
    # The letter before the first one is the block's last, which is a line end like the one above the block.
    return bool(beside[letters[quotes[::2] - 1]].all() and beside[letters[quotes[1::2] + 1]].all())
