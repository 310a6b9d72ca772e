"""The error tree: drawn as it is, and every error says where and what."""

import re

import pytest

from contract import errors
from contract.errors import CellError, FieldError, InvalidCsv, InvalidSettings, ThalwegError


def descendants(kind: type[ThalwegError]) -> list[type[ThalwegError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in descendants(child))]


def drawn() -> list[tuple[str, str]]:
    """(class, base) as the picture in the module's docstring has them."""
    above, found = ["ThalwegError"], []
    for line in (errors.__doc__ or "").splitlines():
        if branch := re.match(r"([│ ]*)[├└]── (\w+)", line):
            depth = len(branch[1]) // 4 + 1
            above[depth:] = [branch[2]]
            found.append((branch[2], above[depth - 1]))
    return found


def test_the_picture_of_the_tree_is_the_tree() -> None:
    real = [(kind.__name__, kind.__base__.__name__) for kind in descendants(ThalwegError)[1:]]
    assert sorted(drawn()) == sorted(real)


@pytest.mark.parametrize("kind", descendants(ThalwegError), ids=lambda kind: kind.__name__)
def test_every_error_has_a_code_and_a_title_of_its_own(kind: type[ThalwegError]) -> None:
    assert re.fullmatch(r"[a-z_]+", kind.code)
    assert [other for other in descendants(ThalwegError) if other.code == kind.code] == [kind]
    assert kind.title[0].isupper()


def test_settings_errors_say_the_first_place_in_words_and_all_as_pointers() -> None:
    error = InvalidSettings([FieldError("/a/b", "Is wrong.", "odd"), FieldError("/c", "Is wrong too.")])
    assert (error.detail, error.code) == ("a.b: Is wrong. (and 1 more)", "odd")
    assert error.places() == [{"pointer": "/a/b", "detail": "Is wrong."}, {"pointer": "/c", "detail": "Is wrong too."}]


def test_csv_errors_say_only_what_is_known_of_a_place() -> None:
    error = InvalidCsv("not_a_number", "Row 1.", [CellError("x", row=1, column="a", value="b")])
    assert error.places() == [{"detail": "x", "row": 1, "column": "a", "value": "b"}]
