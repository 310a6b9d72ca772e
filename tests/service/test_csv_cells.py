"""The grammar of numbers: one cell at a time, and many at once."""

from hypothesis import example, given
from hypothesis import strategies as st

from service.csv_cells import are_numbers, is_number

CELLS = st.sampled_from(
    ["1", "-2.5", " 3\t", "1,5", ".5", "1e5", "1e1000", "inf", "NaN", "", " ", "x", "1\n2", "1\n", "\n"]
)


@given(cells=st.lists(CELLS, max_size=6) | st.lists(st.text(st.sampled_from("1-.,eE \t\n"), max_size=6), max_size=4))
@example(cells=["1", "-2.5"])
@example(cells=["1,5", "2"])
@example(cells=["1\n2"])
def test_many_cells_are_numbers_where_each_of_them_is(cells: list[str]) -> None:
    """Whatever blanks and line ends are in them; of none it cannot be said."""
    for decimal in ".,":
        assert are_numbers(cells, decimal) is (bool(cells) and all(is_number(cell, decimal) for cell in cells))
