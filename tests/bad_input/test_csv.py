"""CSV files that are no good: rows 46 to 64 of the catalogue, each raw and in a form."""

from tests.bad_input.cases import Case, check, dataset, form, table, ways
from tests.support.processes import Stack


def both(name: str, csv: str | bytes, status: int, code: str, **options: str) -> list[Case]:
    """The CSV as the body of a request, with the options in its query, and in a form that has them as fields."""
    fields = [(option, (None, value)) for option, value in options.items()]
    sends = {"raw": dataset(csv, **options), "form": form(("file", ("data.csv", csv)), *fields)}
    return ways(name, sends, status, code)


CASES = [
    *both("48-short", "a,b\n1,2\n3\n", 422, "ragged_row"),
]


@table(CASES)
def test_csv(running: Stack, case: Case) -> None:
    check(running, case)
