"""A fitted model as a program: one file that needs NumPy alone, with ``predict`` and a filter from CSV to CSV."""

import json
from pathlib import Path
from typing import Any, Final

from contract.config import VERSION
from contract.job import JobRecord
from engine.expression_text import Call, Node, Number, parse
from service.csv_options import dialect_of

SOURCE: Final = Path(__file__).with_name("exported.py")
MODEL: Final = "json.loads(r'''{}''')  # fmt: skip"
KEPT: Final = ("model", "loss", "target", "missing", "columns", "features", "which", "parameters", "dialect")


def python_of(job: JobRecord, model: dict[str, Any]) -> str:
    """The program. Names and texts of the model stand in it as JSON in ASCII, so none of them can become code."""
    _, _, code = SOURCE.read_text(encoding="utf-8").partition('"""\n')
    model = model | {"dialect": dialect_of(model)}
    kept = _json({name: model.get(name) for name in KEPT} | _of_kind(model))
    return _head(job, model) + code.replace(MODEL, f"json.loads(r'''{kept}''')", 1)


def _of_kind(model: dict[str, Any]) -> dict[str, Any]:
    """The classes, and the nodes of a formula, whose parameters may have any name."""
    if model["model"]["name"] != "formula":
        return {"classes": model["parameters"].get("classes") or []}
    return {"classes": [], "nodes": [_node(node) for node in parse(model["model"]["expression"]).nodes]}


def _node(node: Node) -> list[Any]:
    """A number, a name, or an operation on nodes above."""
    if isinstance(node, Call):
        return ["call", node.operation, list(node.arguments)]
    return ["number", node.value] if isinstance(node, Number) else ["name", node.name]


def _head(job: JobRecord, model: dict[str, Any]) -> str:
    """What the file says of itself first."""
    sides = json.loads(job.result or b"{}").get("metrics") or {}
    metrics = {side: found and _scalars(found) for side, found in sides.items()}
    target = _json(model["target"])
    told = [
        f"The model of {job.id}: it predicts {target}.",
        "",
        "    from model import predict; predict([{...}])    # the cells of each row by column",
        "    python model.py < rows.csv > predictions.csv   # needs Python 3.10 and NumPy",
        "",
        f"Fitted by Thalweg {job.version or VERSION}. Metrics: {_json(metrics)}",
    ]
    text = "\n".join(told).replace("\\", "\\\\").replace('"""', '""\\"')
    return f'"""{text}\n"""\n'


def _scalars(metrics: dict[str, Any]) -> dict[str, Any]:
    """Without the confusion matrix, which may be larger than the program."""
    return {name: value for name, value in metrics.items() if not isinstance(value, dict)}


def _json(document: Any) -> str:
    """JSON in ASCII without apostrophes, so that it may stand in any string of Python."""
    return json.dumps(document).replace("'", "\\u0027")
