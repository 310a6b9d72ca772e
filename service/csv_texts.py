"""The texts of one block: words and codes of its category columns, and what has to be known of the words.

A call of pyarrow costs more than the work on a thousand words, so the words of all columns are looked at together.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from service.csv_cells import BLANKS, CONTROLS, number_grammar
from service.csv_options import CsvPlan

# pyarrow's classes are generic in its stubs only.
Array: TypeAlias = "pa.Array[Any]"
Words: TypeAlias = "pa.DictionaryArray[Any, Any]"
Codes: TypeAlias = NDArray[np.int32]
Marks: TypeAlias = NDArray[np.bool_]


class Texts(NamedTuple):
    """One category column of a block.

    Its distinct words, the code of each row (n,) with -1 for a missing cell, and how many of the cells are numbers.
    """

    words: Array
    codes: Codes
    missing: int
    numbers: int


def read_texts(columns: Sequence[Array], plan: CsvPlan) -> tuple[list[Texts], bool]:
    """Dictionary arrays as category columns, and whether one of their words needs a careful look."""
    if not columns:
        return [], False
    dictionaries = [cast("Words", column).dictionary for column in columns]
    words = cast("Array", pa.concat_arrays(dictionaries))
    missing, numeric = is_missing(words, plan), is_numeric(words, plan)
    found, start = [], 0
    for column, dictionary in zip(columns, dictionaries, strict=True):
        span = slice(start, start + len(dictionary))
        found.append(_texts(cast("Words", column), words[span], missing[span], numeric[span]))
        start = span.stop
    return found, _strange(words, plan)


def trimmed(cells: Array, plan: CsvPlan) -> Array:
    """Texts without the blanks around them, null where they then are a missing value."""
    return cast("Array", pc.if_else(pa.array(is_missing(cells, plan)), None, _bare(cells)))


def is_missing(cells: Array, plan: CsvPlan) -> Marks:
    """Which texts (n,) are a missing value but for the blanks around them; null is not."""
    return _marks(pc.is_in(_bare(cells), value_set=pa.array(plan.missing, pa.string())))


def is_known(cells: Array, plan: CsvPlan) -> Marks:
    """Which texts (n,) are there and not a missing value."""
    return _marks(cells.is_valid()) & ~is_missing(cells, plan)


def is_numeric(cells: Array, plan: CsvPlan) -> Marks:
    """Which texts (n,) are meant as numbers; null is not."""
    return _marks(pc.match_substring_regex(cast("Any", cells), number_grammar(plan.dialect.decimal)))


def _texts(column: Words, words: Array, missing: Marks, numeric: Marks) -> Texts:
    codes: Codes = (column.indices.fill_null(-1) if column.null_count else column.indices).to_numpy()
    if missing.any():
        known = ~missing
        codes = np.append(np.where(known, np.cumsum(known) - 1, -1), -1).astype(np.int32)[codes]
        words, numeric = words.filter(pa.array(known)), numeric[known]
    numbers = np.count_nonzero(np.append(numeric, False)[codes]) if numeric.any() else 0
    return Texts(words, codes, int(np.count_nonzero(codes < 0)), int(numbers))


def _strange(words: Array, plan: CsvPlan) -> bool:
    texts = cast("pa.StringArray", words)
    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    return longest > plan.limits.cell or bool(pc.any(pc.match_substring_regex(texts, CONTROLS)).as_py())


def _bare(cells: Array) -> Any:
    return pc.utf8_trim(cast("pa.StringArray", cells), BLANKS)


def _marks(found: Any) -> Marks:
    return np.asarray(found.fill_null(False).to_numpy(zero_copy_only=False), np.bool_)
