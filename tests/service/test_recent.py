"""What was used lately is kept in so many bytes."""

from service.recent import Recent


def test_what_was_used_longest_ago_makes_room() -> None:
    recent = Recent[str](room=10)
    for name in "abc":
        recent.keep(name, name, 4)
        recent.get("a")
    assert [recent.get(name) for name in "abc"] == ["a", None, "c"]


def test_what_is_larger_than_all_room_is_answered_and_not_kept() -> None:
    recent = Recent[str](room=3)
    assert recent.keep("a", "large", 4) == "large"
    assert recent.get("a") is None
    recent.keep("b", "small", 3)
    assert recent.get("b") == "small"


def test_what_is_kept_again_takes_its_bytes_once() -> None:
    recent = Recent[str](room=10)
    for name in ("a", "b", "b", "b"):
        recent.keep(name, name, 4)
    assert recent.get("a") == "a"
