"""What is known of the columns while the blocks of a file go by: moments of the numbers, levels of the categories."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, cast

import numpy as np

from contract.dataset import KEPT_LEVELS, ColumnSummary, finite
from engine.arrays import FloatArray
from service.csv_cells import looks_numeric
from service.csv_moments import Moments, join
from service.csv_options import CsvPlan
from service.csv_parse import Parsed
from service.csv_texts import Codes, Texts

MISSING, UNKEPT = -1, -2
# Rows that are written at once: fewer make a file of many small pieces, more cells take memory.
BATCH_ROWS, BATCH_CELLS = 256, 2 << 20


class CsvRows(NamedTuple):
    """Some rows: number columns (k, n) with NaN for missing cells, and codes (n,) for each category column."""

    numbers: FloatArray
    codes: list[Codes]


class Columns:
    """The running account of one file; blocks must come in order, for codes follow the first appearance of a level."""

    def __init__(self, plan: CsvPlan) -> None:
        kinds = zip(plan.names, plan.types, strict=True)
        self.rows = 0
        self._plan = plan
        self._moments: Moments | None = None
        self.categories = {name: Levels() for name, kind in kinds if kind == "category"}

    def add(self, parsed: Parsed) -> CsvRows:
        """Take a block into account; answers its rows as the dataset file holds them."""
        self.rows += parsed.rows
        self._moments = join(self._moments, parsed.moments) if self._moments else parsed.moments
        codes = [levels.add(texts) for levels, texts in zip(self.categories.values(), parsed.texts, strict=True)]
        return CsvRows(parsed.numbers, codes)

    def batches(self, rows: Iterable[CsvRows]) -> Iterator[CsvRows]:
        """The same rows in their order, many at a time."""
        waiting = list[CsvRows]()
        for some in rows:
            waiting.append(some)
            count = sum(part.numbers.shape[1] for part in waiting)
            if count >= BATCH_ROWS or count * len(self._plan.types) >= BATCH_CELLS:
                yield _joined(waiting)
                waiting.clear()
        if waiting:
            yield _joined(waiting)

    def misfit(self) -> bool:
        """Whether a column that was taken for a category holds numbers in half or more of its cells."""
        plain = (levels for name, levels in self.categories.items() if name not in self._plan.forced)
        return any(2 * levels.numbers >= self.rows - levels.missing for levels in plain)

    def levels(self) -> dict[str, list[str] | None]:
        """The levels of each category in order of first appearance; None where they are too many."""
        return {name: list(levels.codes) if levels.kept else None for name, levels in self.categories.items()}

    def summaries(self) -> tuple[ColumnSummary, ...]:
        """One summary for each column, in the file's order."""
        names = [name for name in self._plan.names if name not in self.categories]
        found = {name: levels.summary(name) for name, levels in self.categories.items()}
        found |= {column.name: column for column in _number_summaries(names, self._moments, self.rows)}
        return tuple(found[name] for name in self._plan.names)


class Levels:
    """The levels of one category column with their codes, and counts of its cells."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}
        self.missing = 0
        self.numbers = 0

    @property
    def kept(self) -> bool:
        """Whether the levels are few enough to be kept."""
        return len(self.codes) <= KEPT_LEVELS

    def add(self, texts: Texts) -> Codes:
        """Codes (n,) of the rows of a block."""
        self.missing += texts.missing
        self.numbers += texts.numbers
        if not self.kept:
            return np.where(texts.codes < 0, MISSING, UNKEPT).astype(np.int32)
        places = [self._code(word) for word in cast("list[str]", texts.words.to_pylist())]
        return np.array([*places, MISSING], np.int32)[texts.codes]

    def summary(self, name: str) -> ColumnSummary:
        """The column as the dataset shows it."""
        listed = tuple(sorted(self.codes)) if self.kept else ()
        return ColumnSummary(name, "category", self.missing, categories=listed, levels=len(self.codes))

    def like_numbers(self) -> str | None:
        """The first of the levels, where a person would read all of them as numbers."""
        return next(iter(self.codes)) if self.codes and all(map(looks_numeric, self.codes)) else None

    def _code(self, word: str) -> int:
        return self.codes.setdefault(word, len(self.codes)) if self.kept else UNKEPT


def _joined(parts: Sequence[CsvRows]) -> CsvRows:
    if len(parts) == 1:
        return parts[0]
    codes = [np.concatenate(pieces) for pieces in zip(*(part.codes for part in parts), strict=True)]
    return CsvRows(np.concatenate([part.numbers for part in parts], axis=1), codes)


def _number_summaries(names: Sequence[str], moments: Moments | None, rows: int) -> list[ColumnSummary]:
    if moments is None:
        return []
    mean = np.where(moments.cells > 0, moments.mean, np.nan)
    missing = (rows - moments.cells).tolist()
    figures = zip(moments.low.tolist(), moments.high.tolist(), mean.tolist(), moments.std().tolist(), strict=True)
    return [
        ColumnSummary(name, "number", gaps, finite(low), finite(high), finite(middle), finite(spread))
        for name, gaps, (low, high, middle, spread) in zip(names, missing, figures, strict=True)
    ]
