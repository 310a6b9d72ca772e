"""What names of other libraries are called here, for the one hint that a wrong name gets."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

LONGEST: Final = 100
"""Characters of a wrong name that are compared."""
ELSEWHERE: Final[Mapping[str, str]] = {
    "alpha": "penalty",
    "c": "penalty",
    "early_stop": "early_stopping",
    "epochs": "max_iterations",
    "eta0": "learning_rate",
    "fit_intercept": "intercept",
    "iterations": "max_iterations",
    "l2_regularization": "penalty",
    "lambda": "penalty",
    "lr": "learning_rate",
    "max_iter": "max_iterations",
    "n_epochs": "max_iterations",
    "num_epochs": "max_iterations",
    "random_state": "seed",
    "regularization": "penalty",
    "sample_weight": "weight_column",
    "solver": "optimizer",
    "test_size": "validation",
    "tol": "tolerance",
    "validation_fraction": "validation",
    "validation_split": "validation",
    "weight_decay": "penalty",
    "bce": "log_loss",
    "binary_cross_entropy": "log_loss",
    "cross_entropy": "log_loss",
    "mae": "absolute",
    "mse": "squared",
    "pinball": "quantile",
    "lasso": "l1",
    "ridge": "l2",
    "classifier": "logistic",
    "linear_regression": "linear",
    "linearregression": "linear",
    "logistic_regression": "logistic",
    "logisticregression": "logistic",
    "mlp": "network",
    "multinomial": "softmax",
    "neural_network": "network",
    "curve": "formula",
    "curve_fit": "formula",
    "nls": "formula",
    "nesterov": "momentum",
    "gradient_descent": "sgd",
    "gd": "sgd",
}
"""A name in scikit-learn, PyTorch, Keras or a textbook, in small letters, and ours."""


def nearest(name: str, known: Iterable[str]) -> str:
    """The hint for a name that is not among ``known``: a sentence after a space, or nothing."""
    names, small = list(known), name[:LONGEST].lower()
    ours = ELSEWHERE.get(small)
    near = [ours] if ours in names else get_close_matches(name[:LONGEST], names, n=1)
    near = near or get_close_matches(small, names, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
