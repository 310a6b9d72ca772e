"""Pictures that were drawn are kept while there is room, and drawn one at a time."""

from threading import Event, Thread

import pytest

from contract.errors import Unavailable
from service.plot_cache import Pictures


def test_a_picture_is_drawn_once() -> None:
    pictures = Pictures()
    assert pictures.kept("a") is None
    assert pictures.drawn("a", lambda: b"first") == b"first"
    assert pictures.drawn("a", lambda: b"second") == b"first"
    assert pictures.kept("a") == b"first"


def test_the_least_recently_used_ones_make_room() -> None:
    pictures = Pictures(room=10)
    for name in "abc":
        pictures.drawn(name, lambda: b"1234")
        pictures.kept("a")
    assert [pictures.kept(name) for name in "abc"] == [b"1234", None, b"1234"]


def test_what_is_larger_than_all_room_is_answered_and_not_kept() -> None:
    pictures = Pictures(room=3)
    assert pictures.drawn("a", lambda: b"1234") == b"1234"
    assert pictures.kept("a") is None
    assert pictures.drawn("b", lambda: b"123") == b"123"
    assert pictures.kept("b") == b"123"


def test_a_failed_picture_leaves_the_turn_to_the_next() -> None:
    pictures = Pictures()

    def fail() -> bytes:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        pictures.drawn("a", fail)
    assert pictures.drawn("a", lambda: b"now") == b"now"


def test_who_waits_too_long_for_a_turn_is_sent_away() -> None:
    pictures = Pictures(patience=0.01)
    drawing, done = Event(), Event()

    def slowly() -> bytes:
        drawing.set()
        done.wait(10)
        return b"slow"

    other = Thread(target=lambda: pictures.drawn("a", slowly))
    other.start()
    drawing.wait(10)
    with pytest.raises(Unavailable) as refused:
        pictures.drawn("b", lambda: b"quick")
    done.set()
    other.join()
    assert refused.value.code == "drawing_busy"
    assert pictures.kept("a") == b"slow"
