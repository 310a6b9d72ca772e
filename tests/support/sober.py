"""Requests that were drawn at random, made such that they may succeed: a drawn target is never a column."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

import requests
from schemathesis import Case

from tests.support.jobs import LONG, post

CSV = "rooms,river,price\n" + "".join(f"{k}.5,{'yes' if k % 3 else 'no'},{2 * k + k % 5}\n" for k in range(12))
FIXED = {"features": None, "exclude": [], "weight_column": None, "steps_per_iteration": None, "initial": "auto"}
SWEEPS = ("/v1/sweeps", "/v1/sweeps/validate")
SHORT = {"max_iterations": 50}
"""A run of a moment."""
LASTING = {"max_iterations": 10_000_000, "tolerance": {"cost": 0}, "time_limit": 0.3}
"""A run that can be cancelled, which holds up the next one little if it is not."""


class Things(NamedTuple):
    """What is there to be named in a path or a body: an installation that has a dataset and can make jobs."""

    base: str
    dataset: str

    def job(self, settings: Mapping[str, Any] | None = None) -> str:
        """A new job that has ended, or with ``LONG`` settings has not."""
        answer = post(self.base, {"target": "price", **(settings or {})}, CSV, wait=0 if settings else 30)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def sweep(self, *, lasting: bool) -> str:
        """A new sweep that has ended, or a ``lasting`` one that has not."""
        base = {"dataset": self.dataset, "target": "price", **(LASTING if lasting else SHORT)}
        document = {"base": base, "vary": {"learning_rate": [0.1, 0.2]}}
        query = None if lasting else {"wait": 30}
        answer = requests.post(f"{self.base}/v1/sweeps", json=document, params=query, timeout=40)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def for_path(self, case: Case) -> dict[str, str]:
        """Path parameters that name things that are there, fresh ones where the request deletes them."""
        found = {}
        for name in case.path_parameters:
            if name == "job_id":
                found[name] = self.job(LONG if case.path.endswith("/cancel") else None)
            if name == "sweep_id":
                found[name] = self.sweep(lasting=case.path.endswith("/cancel"))
            if name == "asset":
                found[name] = "docs.js" if case.path.startswith("/docs") else "style.css"
            if name == "dataset_id":
                found[name] = upload(self.base) if case.method == "DELETE" else self.dataset
        return {**case.path_parameters, **found}


def upload(base: str) -> str:
    """The id of a new dataset."""
    answer = requests.post(f"{base}/v1/datasets", data=CSV, headers={"Content-Type": "text/csv"}, timeout=10)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def is_short(case: Case) -> bool:
    """Whether the request's line is one that the server hands on to the app."""
    return len(quote(f"{case.path_parameters}{case.query}")) < 3000


def hasty(case: Case) -> Case:
    """The same request, with no time to wait."""
    for given, name in ((case.query, "wait"), (case.headers, "Prefer")):
        if name in (given or {}):
            given[name] = "0" if name == "wait" and str(given[name]).isdecimal() else given[name]
            given[name] = "wait=0" if name == "Prefer" else given[name]
    return case


def sober(case: Case, things: Things, run: Mapping[str, Any] = SHORT) -> Case:
    """The same request about things that are there, with a body whose CSV and columns are real ones.

    Of what a picture or a model may be asked for at most one thing is as it was drawn: several seldom go together.
    """
    if case.media_type:
        case.query = {}
    if (case.method, case.path) == ("DELETE", "/v1/jobs"):
        case.query = {"state": "succeeded"}
    if case.path.endswith("/model") or "/plot." in case.path:
        case.query = dict(list((case.query or {}).items())[:1])
    if case.media_type == "text/csv":
        case.body = CSV
    elif case.media_type == "multipart/form-data":
        given = case.body if isinstance(case.body, dict) else {}
        sobered = sober_sweep if case.path in SWEEPS else sober_settings
        settings = {"settings": sobered(given.get("settings"), run)} if "settings" in given else {}
        case.body = {"file": CSV.encode(), **settings}
    elif case.path in SWEEPS and case.media_type == "application/json":
        asked = sober_sweep(case.body, run)
        case.body = {**asked, "base": {**asked["base"], "dataset": things.dataset}}
    elif case.path.endswith("/continue"):
        case.body = {"max_iterations": 3}
    elif case.path.endswith("/predictions"):
        case.body = {"rows": [{"rooms": 1.5, "river": "no", "price": 3}]}
    elif case.media_type == "application/json":
        case.body = {**sober_settings(case.body, run), "dataset": things.dataset}
    return case


def sober_sweep(given: Any, run: Mapping[str, Any]) -> dict[str, Any]:
    """A sweep with a sober base and few jobs; one thing that varies is as it was drawn."""
    asked = given if isinstance(given, dict) else {}
    base, runs, vary = sober_settings(asked.get("base"), run), asked.get("runs"), asked.get("vary")
    if isinstance(runs, list) and runs:
        return {"base": base, "runs": runs[:2]}
    if isinstance(vary, dict) and vary:
        return {"base": base, "vary": dict(list(vary.items())[:1])}
    return {"base": base, "vary": {"learning_rate": [0.1, 0.2]}}


def sober_settings(given: Any, run: Mapping[str, Any]) -> dict[str, Any]:
    """Settings about the columns of our CSV, with the length of ``run``; optimizers, rates and the like as they are."""
    settings = dict(given) if isinstance(given, dict) else {}
    settings.pop("loss", None)
    settings.pop("dataset", None)
    named = settings.get("model", "linear")
    model = named.get("name") if isinstance(named, dict) else named
    target = "price" if model == "linear" else "river"
    if settings.get("validation") is not None or settings.get("early_stopping") is not None:
        settings["validation"] = {"fraction": 0.4}
    batch_size = settings.get("batch_size")
    if isinstance(batch_size, int | float):
        settings["batch_size"] = min(batch_size, 5)
    return {**settings, **FIXED, "target": target, **run}
