"""What is wrong with rows that a model cannot predict, in words, for a CSV and for JSON alike."""

from collections.abc import Sequence

from contract.errors import MAX_PLACES, CellError, FieldError, InvalidCsv, InvalidRows
from contract.fields import echo, pointer_step
from engine.prediction_faults import Fault, faults
from engine.table import Table
from service.csv_header import shown
from service.fitted import Fitted


def check_csv(fitted: Fitted, table: Table, rows: int) -> None:
    """Raise ``InvalidCsv`` for missing cells that are not filled, and for levels that training did not have."""
    found = faults(fitted.predictor, table, rows, MAX_PLACES)
    if found:
        places = [_cell(fault) for fault in found]
        raise InvalidCsv(_code(found[0]), places[0].detail, places)


def check_rows(fitted: Fitted, table: Table, rows: int) -> None:
    """Raise ``InvalidRows`` likewise."""
    found = faults(fitted.predictor, table, rows, MAX_PLACES)
    if found:
        places = (FieldError(pointer(fault.row, fault.feature.name), _sentence(fault)) for fault in found)
        raise InvalidRows(places, _code(found[0]))


def missing_columns(fitted: Fitted, names: Sequence[str]) -> list[str]:
    """The columns that the model needs and that are not there."""
    there = set(names)
    return [feature.name for feature in fitted.predictor.features if feature.name not in there]


def pointer(row: int, column: str) -> str:
    """The place of a cell among the rows of a JSON body."""
    return f"/rows/{row}{pointer_step(column)}"


def _code(fault: Fault) -> str:
    return "missing_cell" if fault.level is None else "unknown_category"


def _cell(fault: Fault) -> CellError:
    name = fault.feature.name
    return CellError(f"Row {fault.row + 1}, column {name}: {_sentence(fault)}", fault.row + 1, None, name, fault.level)


def _sentence(fault: Fault) -> str:
    if fault.level is None:
        return "The cell is missing; give it, or train with missing mean, which fills it, or drop, which skips it."
    levels = shown(fault.feature.levels or ())
    return f"Training had no category {echo(fault.level)}; it had: {levels}. Training with missing mean fills such."
