"""Inflating: the bytes of any gzip, in pieces that stay small, and a refusal for what is none."""

import gzip
from collections.abc import Iterator

import pytest

from contract.errors import BadRequest
from service.gunzip import MOST, gunzip

TEXT = bytes(range(256)) * 4000
WHOLE = gzip.compress(TEXT)


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    ("data", "text"),
    [
        (WHOLE, TEXT),
        (gzip.compress(b""), b""),
        (gzip.compress(b"a") + gzip.compress(b"") + WHOLE, b"a" + TEXT),
        (WHOLE + b"\0" * 1000, TEXT),
    ],
    ids=["one", "empty", "members", "padded"],
)
def test_it_inflates_however_it_is_cut(data: bytes, text: bytes, size: int) -> None:
    assert b"".join(gunzip(cut(data, size))) == text


@pytest.mark.parametrize("size", [1, 1 << 20])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"a,b\n1,2\n",
        WHOLE[:1],
        WHOLE[:-1],
        WHOLE[:500] + b"\xff" * 100 + WHOLE[600:],
        WHOLE[:-8] + b"\0" * 8,
        WHOLE + b"a,b\n",
        WHOLE + WHOLE[:20],
    ],
    ids=["nothing", "zero", "text", "a-byte", "cut", "damaged", "wrong-sum", "text-after-it", "half-a-member"],
)
def test_what_is_no_gzip_is_refused(data: bytes, size: int) -> None:
    with pytest.raises(BadRequest) as refused:
        list(gunzip(cut(data, size)))
    assert refused.value.code == "broken_gzip"


def test_pieces_stay_small_and_come_one_by_one() -> None:
    """Whoever takes the bytes can stop long before a bomb has gone off."""
    bomb = gunzip([gzip.compress(b"\0" * 100_000_000)])
    assert [len(next(bomb)) for _ in range(3)] == [MOST] * 3
