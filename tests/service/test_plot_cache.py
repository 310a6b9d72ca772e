"""Pictures that were drawn are kept while there is room, and drawn one at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from contract.errors import Unavailable
from service.plot_cache import Pictures


def test_a_picture_is_drawn_once() -> None:
    pictures = Pictures(seats=1)
    assert pictures.kept("a") is None
    assert pictures.drawn("a", lambda: b"first") == b"first"
    assert pictures.drawn("a", lambda: b"second") == b"first"
    assert pictures.kept("a") == b"first"


def test_a_failed_picture_leaves_the_turn_to_the_next() -> None:
    pictures = Pictures(seats=1)

    def fail() -> bytes:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        pictures.drawn("a", fail)
    assert pictures.drawn("a", lambda: b"now") == b"now"


def test_who_waits_too_long_for_a_turn_is_sent_away() -> None:
    pictures = Pictures(seats=1, patience=0.01)
    with _drawing(pictures, "a"), pytest.raises(Unavailable) as refused:
        pictures.drawn("b", lambda: b"quick")
    assert refused.value.code == "drawing_busy"
    assert pictures.kept("a") == b"slow"


def test_without_a_seat_nobody_waits() -> None:
    """A request that waits holds a thread of the server, and others need some too."""
    pictures = Pictures(seats=0, patience=3600)
    with _drawing(pictures, "a"), pytest.raises(Unavailable) as refused:
        pictures.drawn("b", lambda: b"quick")
    assert refused.value.code == "drawing_busy"
    assert pictures.drawn("b", lambda: b"quick") == b"quick"


@contextmanager
def _drawing(pictures: Pictures, key: str) -> Iterator[None]:
    """While another thread draws."""
    drawing, done = Event(), Event()

    def slowly() -> bytes:
        drawing.set()
        done.wait(10)
        return b"slow"

    other = Thread(target=lambda: pictures.drawn(key, slowly))
    other.start()
    drawing.wait(10)
    try:
        yield
    finally:
        done.set()
        other.join()
