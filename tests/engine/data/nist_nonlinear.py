"""Write nist_nonlinear.json and examples/data/{misra1a,danwood,chwirut2,thurber}.csv from NIST's own files.

    python tests/engine/data/nist_nonlinear.py FOLDER

where FOLDER holds Misra1a.dat, DanWood.dat, Chwirut2.dat and Thurber.dat of the Statistical Reference Datasets,
"Nonlinear regression", of the National Institute of Standards and Technology (public domain), as the source
distribution of the Python package lmfit 1.0.0 carries them in NIST_STRD.
"""

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[2] / "examples" / "data"
PROBLEMS = {
    "Misra1a": ("volume", "pressure", "b1*(1 - exp(-b2*pressure))"),
    "DanWood": ("energy", "temperature", "b1*temperature**b2"),
    "Chwirut2": ("response", "distance", "exp(-b1*distance)/(b2 + b3*distance)"),
    "Thurber": (
        "mobility",
        "log_density",
        "(b1 + b2*log_density + b3*log_density**2 + b4*log_density**3)"
        " / (1 + b5*log_density + b6*log_density**2 + b7*log_density**3)",
    ),
}
PARAMETER = re.compile(r"^\s+(b\d) =\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)", re.MULTILINE)


def number(text):
    """The shortest text of NIST's number."""
    return repr(float(text)).removesuffix(".0")


def certified(text, target, column, expression):
    """What NIST says of a problem: two starts, certified values, their deviations and the sum of squares."""
    found = PARAMETER.findall(text)
    fields = ("first_start", "second_start", "parameters", "standard_deviations")
    columns = {field: {row[0]: float(row[k]) for row in found} for k, field in enumerate(fields, start=1)}
    squares = float(re.search(r"Residual Sum of Squares:\s+(\S+)", text)[1])
    return {"expression": expression, "target": target, "column": column, **columns, "sum_of_squares": squares}


def main():
    """Write all files."""
    document = {"made_with": "NIST StRD, Nonlinear regression"}
    for name, (target, column, expression) in PROBLEMS.items():
        text = (Path(sys.argv[1]) / f"{name}.dat").read_text()
        document[name] = certified(text, target, column, expression)
        rows = [line.split() for line in text.split("\nData:")[-1].splitlines()[1:] if line.strip()]
        lines = [f"{target},{column}", *(f"{number(y)},{number(x)}" for y, x in rows)]
        (EXAMPLES / f"{name.lower()}.csv").write_text("\n".join(lines) + "\n")
    (HERE / "nist_nonlinear.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
