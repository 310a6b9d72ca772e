"""Public data fitted as a client's CSV would be: read, checked, built and trained, without HTTP and Redis."""

import gzip
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from contract.columns import check_columns
from contract.dataset import Dataset
from contract.dataset_file import path_of
from contract.job import new_id
from contract.settings import load_settings
from engine.descent import Point
from engine.training import Outcome, train
from service.csv_options import CsvLimits, CsvOptions
from service.csv_reader import read_csv
from worker.build import Plan, build
from worker.result import ending_of

ROOT = Path(__file__).resolve().parent.parent.parent
OPTIMA = json.loads((ROOT / "tests/engine/data/optima.json").read_text())
LIMITS = CsvLimits(rows=1_000_000, columns=1000, line=4 << 20, cell=4096)


class Fitted(NamedTuple):
    plan: Plan
    points: list[Point]
    outcome: Outcome
    fields: dict[str, Any]


def dataset_of(folder: Path, name: str) -> Dataset:
    """The dataset of a file that optima.json names."""
    path, options = ROOT / OPTIMA["files"][name]["path"], OPTIMA["files"][name]["options"]
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    dataset_id = new_id("ds")
    parsed = read_csv(io.BytesIO(data), CsvOptions(**options), LIMITS, path_of(folder, dataset_id))
    return Dataset(dataset_id, name, parsed.rows, len(data), "", parsed.dialect, parsed.columns)


def plan_of(folder: Path, dataset: Dataset, given: Mapping[str, Any]) -> Plan:
    """The plan of settings that are held against the dataset first."""
    settings, warnings, _ = check_columns(load_settings(dict(given)), dataset)
    return build(settings, warnings, folder)


def fit(folder: Path, dataset: Dataset, given: Mapping[str, Any]) -> Fitted:
    """A job from its settings to the fields of its record."""
    plan, points = plan_of(folder, dataset, given), []
    outcome = train(plan.problem, plan.method, plan.theta, plan.limits, observe=points.append, interrupted=lambda: None)
    return Fitted(plan, points, outcome, ending_of(plan, outcome, 1.0)[1])
