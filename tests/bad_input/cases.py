"""One case of bad input: what is sent, what is answered, and what holds after every case."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import pytest
import requests

from tests.support.jobs import line_csv
from tests.support.problems import Answer, nothing_left_behind, problem, send_exactly, send_raw
from tests.support.processes import Stack

Reply = requests.Response | Answer
Send = Callable[[str], Reply]
JSON = "application/json"
CSV = "rooms,river,price\n1.5,no,10\n2.5,yes,20\n3.5,no,30\n"


class Case(NamedTuple):
    """What is sent (given the address of the API) and the status and code that are answered.

    Without a code the answer is a good one, or the HTTP server's own, which speaks before any of our code runs.
    """

    id: str
    send: Send
    status: int
    code: str = ""


def table(cases: Iterable[Case]) -> pytest.MarkDecorator:
    """The cases as the parameter ``case`` of a test."""
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in cases])


def check(running: Stack, case: Case) -> Reply:
    """The answer is the one of the case, a refusal leaves nothing behind, and the next good request works."""
    with nothing_left_behind(running, but_an_answer=case.status < 400):
        found = case.send(running.base)
        if case.code:
            problem(found, case.status, case.code)
        status = found.status_code if isinstance(found, requests.Response) else found.status
        assert status == case.status, found.text
        assert "Traceback" not in found.text
    return found


def raw(head: str, body: bytes = b"") -> Send:
    """A request as it is given: request line and headers, then the body."""
    return lambda base: send_raw(base, head, body)


def exactly(message: bytes) -> Send:
    """These bytes, whether they are HTTP or not."""
    return lambda base: send_exactly(base, message)


def dataset(csv: str | bytes = CSV, headers: dict[str, str] | None = None, **options: str) -> Send:
    """A CSV as the body of POST /v1/datasets."""
    body = csv.encode() if isinstance(csv, str) else csv
    everything = {"Content-Type": "text/csv", **(headers or {})}
    return lambda base: requests.post(f"{base}/v1/datasets", data=body, params=options, headers=everything, timeout=30)


def form(*parts: tuple[str, Any], route: str = "/v1/datasets") -> Send:
    """A form; a part is (name, (file name or None, content))."""
    return lambda base: requests.post(base + route, files=list(parts), timeout=30)


def job(csv: str | bytes = CSV, settings: str | bytes = '{"target": "price"}', **options: str) -> Send:
    """A CSV and the JSON text of its settings as POST /v1/jobs."""
    fields = [(name, (None, value)) for name, value in options.items()]
    return form(("file", ("data.csv", csv)), ("settings", (None, settings)), *fields, route="/v1/jobs")


def sweep(csv: str | bytes = CSV) -> Send:
    """A CSV and a sweep of two jobs on it as POST /v1/sweeps."""
    document = '{"base": {"target": "price"}, "vary": {"learning_rate": [0.1, 0.2]}}'
    return form(("file", ("data.csv", csv)), ("settings", (None, document)), route="/v1/sweeps")


def settings_field(text: str | bytes) -> Send:
    """Settings (JSON text) beside the file of ``line_csv``: columns a, b and y, 200 rows."""
    return form(("file", ("data.csv", line_csv())), ("settings", (None, text)), route="/v1/jobs")


def settings_file(text: str | bytes) -> Send:
    """The same as a file, as ``curl -F settings=@settings.json`` sends it; for bytes that are no text."""
    return form(("file", ("data.csv", line_csv())), ("settings", ("settings.json", text)), route="/v1/jobs")


def settings_body(text: str | bytes, headers: dict[str, str] | None = None) -> Send:
    """Settings as the whole body."""
    everything = {"Content-Type": JSON, **(headers or {})}
    return lambda base: requests.post(f"{base}/v1/jobs", data=text, headers=everything, timeout=30)


def get(path: str, **headers: str) -> Send:
    """GET."""
    return lambda base: requests.get(base + path, headers=headers, timeout=30)


def ways(name: str, sends: dict[str, Send], status: int, code: str) -> list[Case]:
    """The same content sent in several ways, with one answer: ``NAME-WAY``."""
    return [Case(f"{name}-{way}", send, status, code) for way, send in sends.items()]
