"""What the checks look at, and what several of them ask."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from itertools import islice
from typing import NamedTuple

from contract.dataset import ColumnSummary
from contract.fields import MAX_ECHO, echo
from contract.settings import Settings

LISTED = 50

Columns = Mapping[str, ColumnSummary]


class Case(NamedTuple):
    """Settings, and the dataset that they are held against."""

    settings: Settings
    columns: Columns
    rows: int

    def used(self) -> Iterator[tuple[str, ColumnSummary]]:
        """The columns whose cells the job reads, each with the place in the settings that names it."""
        settings = self.settings
        yield "/target", self.columns[settings.target]
        if settings.weight_column is not None:
            yield "/weight_column", self.columns[settings.weight_column]
        if settings.held_out_column is not None:
            yield "/validation/column", self.columns[settings.held_out_column]
        for place, name in enumerate(settings.features or []):
            yield f"/features/{place}", self.columns[name]


def no_column(name: str, columns: Columns) -> str:
    """The sentence for a name that no column has, with those that there are."""
    near = get_close_matches(name[:MAX_ECHO], columns, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"There is no column {echo(name)}; there are: {listed_names(columns)}.{hint}"


def listed_names(names: Collection[str]) -> str:
    """The first of the names, each cut, so that no answer grows with the data."""
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(name if len(name) <= MAX_ECHO else echo(name) for name in islice(names, LISTED)) + more


def cells(missing: int) -> str:
    """So many missing cells, in words."""
    return "1 missing cell" if missing == 1 else f"{missing} missing cells"
