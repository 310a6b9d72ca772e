"""Inflating gzip (RFC 1952) piece by piece, in flat memory whatever the input claims to be."""

import zlib
from collections.abc import Iterable, Iterator

from contract.errors import BadRequest

MAGIC = b"\x1f\x8b"
GZIP = 16 + zlib.MAX_WBITS
# Input is taken in small slices, because what is left of one is copied at each member and at each full output.
SLICE, MOST = 1 << 14, 1 << 18


def gunzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The inflated bytes, at most ``MOST`` at a time: whoever takes them stops when they are too many.

    A file may have several members, as parallel compressors write them, and zeros after the last one, as tapes do.
    Raises ``BadRequest`` (``broken_gzip``) for bytes that are no gzip or end too early.
    """
    member = zlib.decompressobj(GZIP)
    try:
        for rest in _slices(pieces):
            while rest := rest.lstrip(b"\0") if member.eof else rest:
                if member.eof:
                    member = zlib.decompressobj(GZIP)
                yield member.decompress(rest, MOST)
                rest = member.unused_data if member.eof else member.unconsumed_tail
    except zlib.error as error:
        raise BadRequest(f"The gzip data are damaged ({error}).", "broken_gzip") from None
    if not member.eof:
        raise BadRequest("The gzip data end too early.", "broken_gzip")


def _slices(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from (piece[start : start + SLICE] for start in range(0, len(piece), SLICE))
