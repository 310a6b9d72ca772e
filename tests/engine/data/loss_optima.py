"""Writes loss_optima.json: parameters and costs at the least cost of each loss, by scikit-learn and SciPy.

Run it with an interpreter that has them: `python tests/engine/data/loss_optima.py`. The rows are those of
diabetes.csv, columns brought to mean 0 and standard deviation 1. Targets: `progression` itself, `count` a twentieth of
it without its fraction, `high` whether it exceeds 200, `third` its class among three of equal size. Weights are 1, 2,
3, 1, 2, 3, … Nothing is penalised but by LinearSVC, whose strength is C = 1/(m λ); it has no intercept here, since it
would penalise that too.

HuberRegressor fits a scale sigma beside the coefficients: they are those of our loss with delta = epsilon sigma.
Costs are scikit-learn's metrics where it has the loss: half of mean_poisson_deviance, mean_pinball_loss (its double
is the absolute loss), log_loss, hinge_loss. Without a penalty the hinge loss is minimised as a linear program,
log_cosh and squared_hinge by Newton's method (trust-exact).
"""

import json
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy.optimize import linprog, minimize
from sklearn.linear_model import HuberRegressor, LogisticRegression, PoissonRegressor, QuantileRegressor
from sklearn.metrics import hinge_loss, log_loss, mean_pinball_loss, mean_poisson_deviance
from sklearn.svm import LinearSVC

HERE = Path(__file__).parent
ROWS = np.loadtxt(HERE / "diabetes.csv", delimiter=",", skiprows=1)
X = (ROWS[:, :-1] - ROWS[:, :-1].mean(axis=0)) / ROWS[:, :-1].std(axis=0)
A = np.column_stack([X, np.ones(len(X))])
y = ROWS[:, -1]
m = len(y)
COUNT = np.floor(y / 20)
HIGH = (y > 200).astype(int)
THIRD = np.searchsorted(np.quantile(y, [1 / 3, 2 / 3]), y)
WEIGHTS = 1.0 + np.arange(m) % 3


def entry(loss, target, weights, theta, cost, **more):
    return {
        "loss": loss,
        "target": target,
        "weighted": weights is not None,
        "parameters": np.atleast_2d(theta).tolist(),
        "cost": float(cost),
        **more,
    }


def of(fitted):
    return np.column_stack([np.atleast_2d(fitted.coef_), np.atleast_1d(fitted.intercept_)])


def huber(epsilon, weights):
    fitted = HuberRegressor(epsilon=epsilon, alpha=0.0, tol=1e-10, max_iter=100_000).fit(X, y, sample_weight=weights)
    delta, residual = float(epsilon * fitted.scale_), fitted.predict(X) - y
    values = np.where(abs(residual) <= delta, residual**2 / 2, delta * (abs(residual) - delta / 2))
    return entry(
        {"name": "huber", "delta": delta}, "progression", weights, of(fitted), np.average(values, weights=weights)
    )


def quantile(share, weights):
    fitted = QuantileRegressor(quantile=share, alpha=0.0, solver="highs").fit(X, y, sample_weight=weights)
    cost = mean_pinball_loss(y, fitted.predict(X), sample_weight=weights, alpha=share)
    return entry({"name": "quantile", "quantile": share}, "progression", weights, of(fitted), cost)


def absolute(weights):
    return quantile(0.5, weights) | {"loss": {"name": "absolute"}} | {"cost": 2 * quantile(0.5, weights)["cost"]}


def poisson(weights):
    fitted = PoissonRegressor(alpha=0.0, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    fitted.fit(X, COUNT, sample_weight=weights)
    cost = mean_poisson_deviance(COUNT, fitted.predict(X), sample_weight=weights) / 2
    return entry({"name": "poisson"}, "count", weights, of(fitted), cost)


def classes(target, name, weights, class_weight=None):
    solver = "newton-cholesky" if name == "high" else "lbfgs"
    model = LogisticRegression(C=np.inf, solver=solver, tol=1e-12, max_iter=100_000, class_weight=class_weight)
    fitted = model.fit(X, target, sample_weight=weights)
    each = np.ones(m) if weights is None else weights.copy()
    if class_weight == "balanced":  # of weighted counts, so that integer weights equal repeated rows
        counts = np.bincount(target, each)
        each *= (each.sum() / (len(counts) * counts))[target]
    elif class_weight is not None:
        each *= np.array([class_weight[k] for k in range(len(class_weight))])[target]
    cost = log_loss(target, fitted.predict_proba(X), sample_weight=each)
    named = class_weight and (
        class_weight if class_weight == "balanced" else {str(k): w for k, w in class_weight.items()}
    )
    return entry({"name": "log_loss"}, name, weights, of(fitted), cost, class_weight=named)


def smooth(name, target, values, slopes, bends, weights):
    share = (np.ones(m) if weights is None else weights) / (m if weights is None else weights.sum())
    found = minimize(
        lambda theta: share @ values(A @ theta),
        np.append(np.zeros(X.shape[1]), np.median(target[1])),
        jac=lambda theta: (share * slopes(A @ theta)) @ A,
        hess=lambda theta: (A.T * (share * bends(A @ theta))) @ A,
        method="trust-exact",
        options={"gtol": 1e-12, "maxiter": 10_000},
    )
    return entry({"name": name}, target[0], weights, found.x, found.fun)


def log_cosh(weights):
    def values(z):
        return abs(z - y) + np.log1p(np.exp(-2 * abs(z - y))) - np.log(2)

    return smooth(
        "log_cosh",
        ("progression", y),
        values,
        lambda z: np.tanh(z - y),
        lambda z: 1 - np.tanh(z - y) ** 2,
        weights,
    )


def squared_hinge(weights):
    sign = 2.0 * HIGH - 1
    return smooth(
        "squared_hinge",
        ("high", HIGH),
        lambda z: np.maximum(0, 1 - sign * z) ** 2,
        lambda z: -2 * sign * np.maximum(0, 1 - sign * z),
        lambda z: 2.0 * (sign * z < 1),
        weights,
    )


def hinge(weights):
    """Least Σ wᵢ ξᵢ with ξᵢ >= 0 and sᵢ zᵢ + ξᵢ >= 1."""
    share, sign = np.ones(m) if weights is None else weights, 2.0 * HIGH - 1
    rows = -np.column_stack([sign[:, None] * A, np.eye(m)])
    bounds = [(None, None)] * A.shape[1] + [(0, None)] * m
    solved = linprog(np.append(np.zeros(A.shape[1]), share), A_ub=rows, b_ub=-np.ones(m), bounds=bounds, method="highs")
    theta = solved.x[: A.shape[1]]
    return entry({"name": "hinge"}, "high", weights, theta, hinge_loss(HIGH, A @ theta, sample_weight=weights))


def penalised(name, strength, weights):
    model = LinearSVC(loss=name, C=1 / (m * strength), dual=name == "hinge", fit_intercept=False, tol=1e-9)
    mean_one = None if weights is None else weights / weights.mean()
    theta = model.set_params(max_iter=10_000_000, random_state=0).fit(X, HIGH, sample_weight=mean_one).coef_
    left = np.maximum(0, 1 - (2.0 * HIGH - 1) * (X @ theta[0]))
    cost = np.average(left if name == "hinge" else left**2, weights=weights) + strength / 2 * float(theta[0] @ theta[0])
    return entry({"name": name}, "high", weights, theta, cost, l2=strength)


def entries():
    for weights in (None, WEIGHTS):
        yield huber(1.35, weights)
        yield huber(2.0, weights)
        yield absolute(weights)
        yield quantile(0.5, weights)
        yield quantile(0.9, weights)
        yield log_cosh(weights)
        yield poisson(weights)
        yield hinge(weights)
        yield squared_hinge(weights)
        yield penalised("squared_hinge", 0.1, weights)
        yield penalised("hinge", 0.1, weights)
        for class_weight in (None, "balanced", {0: 1.0, 1: 3.0}):
            yield classes(HIGH, "high", weights, class_weight)
        for class_weight in (None, {0: 1.0, 1: 2.0, 2: 4.0}):
            yield classes(THIRD, "third", weights, class_weight)


found = {"peers": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__}, "entries": list(entries())}
(HERE / "loss_optima.json").write_text(json.dumps(found, indent=1) + "\n")
