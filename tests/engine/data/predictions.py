"""Writes predictions.json: predictions of scikit-learn from models that it fitted, with their parameters.

Run with an interpreter that has scikit-learn and numpy: python tests/engine/data/predictions.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.svm import LinearSVC

random = np.random.default_rng(8)
X = random.normal(size=(80, 3)) * [1.0, 10.0, 0.1] + [0.0, 50.0, 1.0]
Z = (X - X.mean(axis=0)) / X.std(axis=0)
score = Z @ [1.0, -0.7, 0.4] + 0.5 * random.normal(size=80)
TWO = np.where(score > 0, "yes", "no")
THREE = np.array(["low", "mid", "top"])[np.digitize(score, [-0.5, 0.7])]
ROWS = X[:12] * [1.5, 1.0, 0.9]


def linear(model, loss, target, *, squeeze=True):
    model.fit(X, target)
    weights, intercept = model.coef_.T, model.intercept_
    if squeeze:
        weights, intercept = weights.reshape(-1), float(np.ravel(intercept)[0])
    return shown(model, loss, weights=weights.tolist(), intercept=np.asarray(intercept).tolist())


def network(model, loss, target):
    model.fit(X, target)
    layers = [[w.tolist(), b.tolist()] for w, b in zip(model.coefs_, model.intercepts_, strict=True)]
    return shown(model, loss, layers=layers, activation={"logistic": "sigmoid"}.get(model.activation, model.activation))


def shown(model, loss, **parameters):
    probabilities = model.predict_proba(ROWS).tolist() if hasattr(model, "predict_proba") else None
    classes = {"classes": model.classes_.tolist()} if hasattr(model, "classes_") else {}
    return {
        "loss": loss,
        **parameters,
        **classes,
        "predictions": model.predict(ROWS).tolist(),
        "probabilities": probabilities,
    }


SMALL = {"hidden_layer_sizes": (4, 3), "max_iter": 30, "random_state": 0}
cases = {
    "linear": linear(LinearRegression(), "squared", score),
    "poisson": linear(PoissonRegressor(max_iter=1000), "poisson", np.floor(np.exp(score))),
    "logistic": linear(LogisticRegression(max_iter=5000), "log_loss", TWO),
    "hinge": linear(LinearSVC(loss="hinge", random_state=0, max_iter=50), "hinge", TWO),
    "softmax": linear(LogisticRegression(max_iter=5000), "cross_entropy", THREE, squeeze=False),
    "network-of-numbers": network(MLPRegressor(activation="tanh", **SMALL), "squared", score),
    "network-of-classes": network(MLPClassifier(activation="relu", **SMALL), "cross_entropy", THREE),
    "network-of-sigmoids": network(MLPClassifier(activation="logistic", **SMALL), "cross_entropy", THREE),
}
document = {"source": f"scikit-learn {sklearn.__version__}", "rows": ROWS.tolist(), "cases": cases}
Path(__file__).with_suffix(".json").write_text(json.dumps(document) + "\n", encoding="utf-8")
