"""Writes penalised_optima.json: coefficients and costs of penalised fits by scikit-learn, on diabetes.csv.

Run it with an interpreter that has scikit-learn: `python tests/engine/data/penalised_optima.py`. Columns are brought to
mean 0 and standard deviation 1; `high` is whether progression exceeds 140, `third` its class among three of equal
size; weights are 1, 2, 3, 1, 2, 3, … With m rows of mean weight 1 and our cost J, scikit-learn's strengths are alpha =
m λ for Ridge, alpha = λ for Lasso and ElasticNet, C = 1/(m λ) for LogisticRegression.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge

HERE = Path(__file__).parent
ROWS = np.loadtxt(HERE / "diabetes.csv", delimiter=",", skiprows=1)
X = (ROWS[:, :-1] - ROWS[:, :-1].mean(axis=0)) / ROWS[:, :-1].std(axis=0)
y = ROWS[:, -1]
m = len(y)
WEIGHTS = 1.0 + np.arange(m) % 3
HIGH = (y > 140).astype(int)
THIRD = np.searchsorted(np.quantile(y, [1 / 3, 2 / 3]), y)
EXACT = {"tol": 1e-14, "max_iter": 1_000_000}


def linear(penalty, model, weights=None):
    fitted = model.fit(X, y, sample_weight=weights)
    return entry(penalty, "linear", fitted.coef_, fitted.intercept_, weights)


def logistic(penalty, l1_ratio, solver, target, name, tol=1e-12):
    options = {"C": 1 / (m * penalty["strength"]), "l1_ratio": l1_ratio, "tol": tol, "max_iter": 100_000}
    fitted = LogisticRegression(solver=solver, **options).fit(X, target)
    return entry(penalty, name, fitted.coef_, fitted.intercept_, None)


def entry(penalty, model, coefficients, intercept, weights):
    return {
        "model": model,
        "penalty": penalty,
        "weighted": weights is not None,
        "coefficients": np.atleast_2d(coefficients).tolist(),
        "intercept": np.atleast_1d(intercept).tolist(),
    }


def entries():
    for strength in (0.01, 1.0):
        l2 = {"name": "l2", "strength": strength}
        yield linear(l2, Ridge(alpha=m * strength, solver="cholesky"))
        yield linear(l2, Ridge(alpha=WEIGHTS.sum() * strength, solver="cholesky"), WEIGHTS)
    for strength in (0.1, 1.0, 10.0):
        yield linear({"name": "l1", "strength": strength}, Lasso(alpha=strength, **EXACT))
    yield linear({"name": "l1", "strength": 2.0}, Lasso(alpha=2.0, **EXACT), WEIGHTS)
    for strength, ratio in ((0.5, 0.5), (2.0, 0.9)):
        net = {"name": "elastic_net", "strength": strength, "l1_ratio": ratio}
        yield linear(net, ElasticNet(alpha=strength, l1_ratio=ratio, **EXACT))
    yield logistic({"name": "l2", "strength": 0.01}, 0.0, "newton-cholesky", HIGH, "logistic")
    yield logistic({"name": "l1", "strength": 0.01}, 1.0, "saga", HIGH, "logistic")
    yield logistic({"name": "l1", "strength": 0.05}, 1.0, "saga", HIGH, "logistic")
    yield logistic({"name": "l2", "strength": 0.02}, 0.0, "newton-cg", THIRD, "softmax")


if __name__ == "__main__":
    document = {"peer": "scikit-learn", "version": sklearn.__version__, "optima": list(entries())}
    (HERE / "penalised_optima.json").write_text(json.dumps(document, indent=1) + "\n")
