"""Writes standard_errors.json: parameters and standard errors by statsmodels' OLS and WLS, on diabetes.csv as it is.

Run it with an interpreter that has statsmodels: `python tests/engine/data/standard_errors.py`. Weights are 0, 1, 2, 3,
0, 1, …; statsmodels counts rows of weight zero as rows, so they are left out here.
"""

import json
from pathlib import Path

import numpy as np
import statsmodels
from statsmodels.regression.linear_model import OLS, WLS

HERE = Path(__file__).parent
ROWS = np.loadtxt(HERE / "diabetes.csv", delimiter=",", skiprows=1)
X, y = ROWS[:, :-1], ROWS[:, -1]
A = np.column_stack([X, np.ones(len(y))])
WEIGHTS = (np.arange(len(y)) % 4).astype(float)
SOME = WEIGHTS > 0


def entry(fitted, intercept, weighted):
    answer = {"parameters": fitted.params.tolist(), "standard_errors": fitted.bse.tolist()}
    return {"intercept": intercept, "weighted": weighted, **answer}


if __name__ == "__main__":
    fits = [
        entry(OLS(y, A).fit(), True, False),
        entry(OLS(y, X).fit(), False, False),
        entry(WLS(y[SOME], A[SOME], WEIGHTS[SOME]).fit(), True, True),
        entry(WLS(y[SOME], X[SOME], WEIGHTS[SOME]).fit(), False, True),
    ]
    document = {"peer": "statsmodels", "version": statsmodels.__version__, "fits": fits}
    (HERE / "standard_errors.json").write_text(json.dumps(document, indent=1) + "\n")
