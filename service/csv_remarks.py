"""What a person may not expect of a CSV that was read: warnings ``{code, detail, pointer}``."""

from collections.abc import Iterator, Mapping
from typing import Any

from contract.dataset import KEPT_LEVELS
from service.csv_cells import is_number, other_decimal
from service.csv_columns import Levels
from service.csv_header import shown
from service.csv_options import CsvPlan


def remarks(plan: CsvPlan, categories: Mapping[str, Levels]) -> tuple[dict[str, Any], ...]:
    """The warnings of a file with these category columns."""
    found = [*_header(plan), *_one_column(plan, categories), *_many(categories), *_like_numbers(plan, categories)]
    return tuple({"code": code, "detail": detail, "pointer": "/file"} for code, detail in found)


def _header(plan: CsvPlan) -> Iterator[tuple[str, str]]:
    numbers = [name for name in plan.names if is_number(name, plan.dialect.decimal)]
    if not plan.dialect.header:
        yield "no_header", "The first line was read as data; the columns are called c1, c2, …"
    elif numbers:
        names = f"The first line was read as names, and some are numbers: {shown(numbers)}."
        yield "numbers_in_header", f"{names} Send header=false if it is a row, and delete it if it is neither."


def _one_column(plan: CsvPlan, categories: Mapping[str, Levels]) -> Iterator[tuple[str, str]]:
    """Columns that blanks hold apart come as one text."""
    if len(plan.names) == 1 and any(" " in word.strip() for levels in categories.values() for word in levels.codes):
        seen = "No delimiter (comma, semicolon, tab, |) was found, so the file has one column of texts."
        yield "one_column", f"{seen} If blanks stand between its cells, write it with commas."


def _many(categories: Mapping[str, Levels]) -> Iterator[tuple[str, str]]:
    if many := [name for name, levels in categories.items() if not levels.kept]:
        yield "many_categories", f"More than {KEPT_LEVELS} categories, which are not kept: {shown(many)}."


def _like_numbers(plan: CsvPlan, categories: Mapping[str, Levels]) -> Iterator[tuple[str, str]]:
    free = {name: levels for name, levels in categories.items() if name not in plan.forced}
    alike = [f"{name} ({word!r})" for name, levels in free.items() if (word := levels.like_numbers())]
    if alike:
        decimal = plan.dialect.decimal
        cure = f"send decimal={other_decimal(decimal)!r} if it is the other one, and write numbers without units"
        seen = f"Read as categories, though they look like numbers: {shown(alike)}."
        yield "texts_like_numbers", f"{seen} The decimal sign is {decimal!r}; {cure}."
