"""Write the public data of this folder from the packages that carry them; README.md has sources and licences.

    python tests/engine/data/extract.py

in an environment with scikit-learn 1.9.1 and statsmodels 0.15.0. diabetes.csv is older than this script.
"""

import gzip
from pathlib import Path

import numpy as np
from sklearn import datasets as sk
from statsmodels import datasets as sm

HERE = Path(__file__).parent
ROWS = 2000


def lines(names: list[str], values: np.ndarray) -> str:
    """A CSV whose numbers are the shortest that read as the same float64."""
    rows = (",".join(repr(float(cell)).removesuffix(".0") for cell in row) for row in values)
    return "\n".join([",".join(names), *rows]) + "\n"


def same_moments(values: np.ndarray) -> np.ndarray:
    """Rows (d + 2, d) with the means and population covariances of `values` (m, d), and so its least squares.

    Columns of a Helmert matrix are orthonormal and orthogonal to ones, so that mean + √n·Q·R has both.
    """
    scale = values.std(axis=0)
    factor = np.linalg.qr((values - values.mean(axis=0)) / scale / np.sqrt(len(values)), mode="r")
    n = values.shape[1] + 2
    helmert = np.array([[1.0 if i < j else -j if i == j else 0.0 for i in range(n)] for j in range(1, n)]).T
    helmert /= np.linalg.norm(helmert, axis=0)
    return values.mean(axis=0) + np.sqrt(n) * helmert[:, : values.shape[1]] @ factor * scale


def main() -> None:
    """Write every file."""
    longley = sm.longley.load_pandas().data
    (HERE / "longley.csv").write_text(lines(list(longley), longley.to_numpy()))
    engel = sm.engel.load_pandas().data
    (HERE / "engel.csv").write_text(lines(list(engel), engel.to_numpy()))
    visits = sm.randhie.load_pandas().data.iloc[::10][:ROWS]
    (HERE / "doctor_visits.csv").write_text(lines(list(visits), visits.to_numpy()))
    linnerud = sk.load_linnerud()
    names = [*linnerud.feature_names, *linnerud.target_names]
    (HERE / "linnerud.csv").write_text(lines(names, np.hstack([linnerud.data, linnerud.target])))
    cancer = sk.load_breast_cancer()
    text = lines([*cancer.feature_names, "benign"], np.column_stack([cancer.data, cancer.target]))
    (HERE / "breast_cancer.csv.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    star = sm.star98.load_pandas()
    rate = star.endog["NABOVE"] / (star.endog["NABOVE"] + star.endog["NBELOW"])
    table = np.column_stack([star.exog.to_numpy(), rate])
    (HERE / "star98_moments.csv").write_text(lines([*star.exog, "RATE"], same_moments(table)))


main()
