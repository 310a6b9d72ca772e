"""Whatever the shape and the scale of the numbers: a finite answer or a refusal in words, and no warning."""

import warnings

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.automatic import resolve
from engine.batches import Batching
from engine.design import design_matrix
from engine.errors import EngineError
from engine.losses import LOSSES, CrossEntropy, Hinge, LogLoss, Poisson, Squared, SquaredHinge, scores_per_row
from engine.method import Method
from engine.optimizers import OPTIMIZERS
from engine.parameters import to_original
from engine.preparation import fit_preparation
from engine.problems import linear_problem
from engine.rows import rows_cost
from engine.scaling import DivideBy
from engine.split import split_rows
from engine.stopping import Limits
from engine.table import NumberColumn
from tests.engine.runs import run


@st.composite
def tables(draw: st.DrawFn) -> dict[str, NumberColumn]:
    """A target `y` and 1 to 8 columns of 1 to 30 rows: any scale and offset, constant, with gaps, or duplicates."""
    rows, width = draw(st.integers(1, 30)), draw(st.integers(1, 8))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    scales = st.sampled_from([0.0, 1e-8, 1e-3, 1.0, 1e5, 1e8])
    columns = [
        draw(scales) * random.normal(size=rows) + draw(st.sampled_from([0.0, 1.0, -1e4, 1e8])) for _ in range(width)
    ]
    if draw(st.booleans()):
        columns[0][random.random(rows) < 0.3] = np.nan
    if draw(st.booleans()):
        columns.append(columns[0].copy())
    target = draw(scales) * random.normal(size=rows)
    return {"y": NumberColumn(target)} | {f"x{j}": NumberColumn(column) for j, column in enumerate(columns)}


@settings(deadline=None)
@given(
    tables(),
    st.sampled_from(["auto", *(kind() for kind in OPTIMIZERS.values())]),
    st.sampled_from([None, 1, 4]),
    st.sampled_from(["standard", "minmax", "none", DivideBy(255.0)]),
    st.booleans(),
    st.sampled_from([None, 0.3]),
    st.sampled_from(["weighted", *LOSSES, "softmax"]),
)
def test_finite_or_refused(table, optimizer, size, scaling, intercept: bool, fraction, kind: str) -> None:
    """No NaN comes out of a run, and no warning, for any table."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refusal = ""
        try:
            _check_run(table, optimizer, Batching(size), scaling, intercept, fraction, kind)
        except EngineError as error:
            refusal = str(error)
    assert refusal == "" or (len(refusal.split()) > 5 and refusal.endswith("."))


def _check_run(table, optimizer, batching: Batching, scaling, intercept: bool, fraction, kind: str) -> None:
    target, features = table["y"].values, [name for name in table if name != "y"]
    split = split_rows(target.size, fraction, "random", seed=0)
    weights = np.arange(target.size) % 3.0 if kind == "weighted" else None
    loss = CrossEntropy(3) if kind == "softmax" else LOSSES.get(kind, Squared)()
    target = np.abs(target) if isinstance(loss, Poisson) else target
    if isinstance(loss, CrossEntropy | LogLoss | Hinge | SquaredHinge):
        target = np.argsort(np.argsort(target)) % (3.0 if kind == "softmax" else 2.0)
    preparation = fit_preparation(
        table,
        features,
        split.train,
        intercept=intercept,
        scaling=scaling,
        missing="mean",
        weights=None if weights is None else weights[split.train],
    )
    train, held_out = (
        rows
        if rows is None
        else rows_cost(
            design_matrix(preparation, table, rows),
            target[rows],
            None if weights is None else weights[rows],
            intercept=intercept,
            loss=loss,
        )
        for rows in split
    )
    assert train is not None
    problem = linear_problem(train, held_out)
    resolved = resolve(problem, batching, optimizer, "auto")
    limits = Limits(60, 1e-9, full_batch=batching.size is None)
    outcome = run(problem, Method(resolved.optimizer, resolved.schedule, batching), limits).outcome
    assert np.isfinite([outcome.last.cost, outcome.best.cost, outcome.last.gradient_norm]).all()
    for theta in outcome.last.theta.reshape(scores_per_row(loss), -1):
        parameters = to_original(preparation, theta)
        assert np.isfinite([parameters.intercept or 0.0, *parameters.coefficients.values()]).all()
    assert np.isfinite(list(resolved.schedule[:2] if len(resolved.schedule) > 1 else resolved.schedule)).all()
