"""A CSV to a dataset file, in one pass over blocks and in flat memory.

    sniff (csv_dialect) -> cut (csv_blocks) -> parse (csv_parse, two threads) -> write (contract/dataset_file)

The types guessed from the first lines are held against every cell. Where they do not fit, the whole file is surveyed
(``csv_survey``) and read again; what is wrong with a file is said by the careful pass (``csv_check``).
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, Any, NamedTuple

from contract.dataset import ColumnSummary, Dialect
from contract.dataset_file import DatasetWriter
from contract.errors import InvalidCsv
from service.csv_blocks import Block, block_size, cut, lines_above
from service.csv_check import Place, check, unreadable
from service.csv_columns import Columns, CsvRows
from service.csv_dialect import sniff
from service.csv_flat import is_wide
from service.csv_options import CsvLimits, CsvOptions, CsvPlan
from service.csv_parse import Parsed, convert_options, parse, parse_patiently
from service.csv_remarks import remarks
from service.csv_survey import survey

THREADS = 2
# So many blocks wait that the threads have work while rows of a wide table are written.
AHEAD = 5
Parse = Callable[..., Parsed | None]


class ParsedCsv(NamedTuple):
    """What was found in a CSV whose cells are in the dataset file now; warnings are ``{code, detail, pointer}``."""

    dialect: Dialect
    rows: int
    columns: tuple[ColumnSummary, ...]
    warnings: tuple[dict[str, Any], ...]


class Misfit(Exception):
    """The types that were guessed do not hold for the whole file."""


def read_csv(source: IO[bytes], options: CsvOptions, limits: CsvLimits, target: Path) -> ParsedCsv:
    """Write the cells of a CSV to the dataset file ``target``; ``source`` is read from its beginning.

    Raises ``InvalidCsv`` or ``UnsupportedMedia``, and then leaves no file behind.
    """
    plan = sniff(source, options, limits)
    try:
        return _written(source, plan, target, parse)
    except Misfit:
        plan = survey(source, plan)
    return _written(source, plan, target, parse_patiently)


def _written(source: IO[bytes], plan: CsvPlan, target: Path, how: Parse) -> ParsedCsv:
    columns = Columns(plan)
    with DatasetWriter(target, dict(zip(plan.names, plan.types, strict=True))) as writer:
        for rows in columns.batches(_rows(source, plan, columns, how)):
            writer.write(rows.numbers, rows.codes)
        if not columns.rows:
            raise InvalidCsv("empty_dataset", "The file has a line of names and no rows; add at least one row.")
        if how is parse and columns.misfit():
            raise Misfit
        writer.finish(columns.levels(), plan.dialect._asdict() | {"missing_values": plan.missing})
    return ParsedCsv(plan.dialect, columns.rows, columns.summaries(), remarks(plan, columns.categories))


def _rows(source: IO[bytes], plan: CsvPlan, columns: Columns, how: Parse) -> Iterator[CsvRows]:
    """The rows of the file, block by block, each held against what a dataset may hold."""
    # Read flat, columns cost nothing of their own.
    blocks = cut(source, plan, block_size(1 if is_wide(plan) else len(plan.names)))
    work, lines = partial(how, plan=plan, convert=convert_options(plan)), lines_above(source, plan.start, plan.newline)
    for block, parsed in in_order(blocks, work):
        yield columns.add(_accepted(block, parsed, Place(columns.rows, lines), plan, how))
        lines += block.data.count(plan.newline)
        if columns.rows > plan.limits.rows:
            detail = f"The file has more than the {plan.limits.rows} rows that this server takes."
            raise InvalidCsv("too_many_rows", detail)


def _accepted(block: Block, parsed: Parsed | None, place: Place, plan: CsvPlan, how: Parse) -> Parsed:
    """A block that holds what it must; ``InvalidCsv`` or ``Misfit`` for any other."""
    if parsed and not parsed.doubtful and parsed.exact:
        return parsed
    check(block, place, plan, numbers=parsed is not None and not parsed.exact)
    if parsed:
        return parsed
    raise Misfit if how is parse else unreadable(place)


def in_order(blocks: Iterator[Block], work: Callable[[Block], Parsed | None]) -> Iterator[tuple[Block, Parsed | None]]:
    """Each block with its result; two are worked on at a time, a few wait; a file of one block pays for no thread."""
    first, second = next(blocks, None), next(blocks, None)
    if first is None:
        return
    if second is None:
        yield first, work(first)
        return
    with ThreadPoolExecutor(THREADS) as pool:
        waiting: deque[tuple[Block, Any]] = deque()
        for block in chain((first, second), blocks):
            waiting.append((block, pool.submit(work, block)))
            if len(waiting) > AHEAD:
                block, future = waiting.popleft()
                yield block, future.result()
        for block, future in waiting:
            yield block, future.result()
