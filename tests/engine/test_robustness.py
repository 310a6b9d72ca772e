"""Whatever the shape and the scale of the numbers: a finite answer or a refusal in words, and no warning."""

import warnings

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.automatic import resolve
from engine.batches import Batching
from engine.descent import Method
from engine.errors import EngineError
from engine.optimizers import OPTIMIZERS
from engine.parameters import to_original
from engine.preparation import design_matrix, fit_preparation
from engine.split import split_rows
from engine.stopping import Limits
from engine.table import NumberColumn
from tests.engine.runs import least_squares, run


@st.composite
def tables(draw: st.DrawFn) -> dict[str, NumberColumn]:
    """A target `y` and 1 to 8 columns of 1 to 30 rows: any scale and offset, some constant, some duplicates."""
    rows, width = draw(st.integers(1, 30)), draw(st.integers(1, 8))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    scales = st.sampled_from([0.0, 1e-8, 1e-3, 1.0, 1e5, 1e8])
    columns = [
        draw(scales) * random.normal(size=rows) + draw(st.sampled_from([0.0, 1.0, -1e4, 1e8])) for _ in range(width)
    ]
    if draw(st.booleans()):
        columns.append(columns[0].copy())
    target = draw(scales) * random.normal(size=rows)
    return {"y": NumberColumn(target)} | {f"x{j}": NumberColumn(column) for j, column in enumerate(columns)}


@settings(deadline=None, max_examples=150)
@given(
    tables(),
    st.sampled_from(["auto", *(kind() for kind in OPTIMIZERS.values())]),
    st.sampled_from([None, 1, 4]),
    st.sampled_from(["standard", "none"]),
    st.booleans(),
    st.sampled_from([None, 0.3]),
)
def test_finite_or_refused(table, optimizer, size, scaling, intercept: bool, fraction) -> None:
    """No NaN comes out of a run, and no warning, for any table."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refusal = ""
        try:
            _check_run(table, optimizer, Batching(size), scaling, intercept, fraction)
        except EngineError as error:
            refusal = str(error)
    assert refusal == "" or (len(refusal.split()) > 5 and refusal.endswith("."))


def _check_run(table, optimizer, batching: Batching, scaling, intercept: bool, fraction) -> None:
    target, features = table["y"].values, [name for name in table if name != "y"]
    split = split_rows(target.size, fraction, "random", seed=0)
    preparation = fit_preparation(table, features, split.train, intercept=intercept, scaling=scaling)
    held_out = split.validation
    problem = least_squares(
        design_matrix(preparation, table, split.train),
        target[split.train],
        intercept=intercept,
        validation=None if held_out is None else (design_matrix(preparation, table, held_out), target[held_out]),
    )
    resolved = resolve(problem, batching, optimizer, "auto")
    limits = Limits(60, 1e-9, full_batch=batching.size is None)
    outcome = run(problem, Method(resolved.optimizer, resolved.schedule, batching), limits).outcome
    parameters = to_original(preparation, outcome.last.theta)
    assert np.isfinite([outcome.last.cost, outcome.best.cost, outcome.last.gradient_norm]).all()
    assert np.isfinite([parameters.intercept or 0.0, *parameters.coefficients.values()]).all()
    assert np.isfinite(list(resolved.schedule[:2] if len(resolved.schedule) > 1 else resolved.schedule)).all()
