"""Public CSVs of many habits, sent as they are: the jobs end, and what a person sees is what was read through.

Each file of ``tests/golden`` holds requests and, below each, what came of it. ``THALWEG_GOLDEN=write`` writes the files
anew from the requests that stand in them; read what changed before you commit it.
"""

import json
import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.transcripts import Command, curl, masked, same, sessions

ROOT = Path(__file__).resolve().parent.parent.parent
GOLDEN = sorted((ROOT / "tests" / "golden").glob("*.txt"))
SHOWN = 12


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem)
def test_real_data(base: str, golden: Path) -> None:
    """The requests of one file, one after the other."""
    expected = sessions(golden.read_text())
    found = [Command(line, seen(_answer(line, base))) for line, _ in expected]
    if os.environ.get("THALWEG_GOLDEN") == "write":
        golden.write_text("\n".join(f"$ {line}\n{output}" for line, output in found))
    for (line, before), (_, now) in zip(expected, found, strict=True):
        assert same(before, now, tolerance=1e-3), f"{line}\n\nwas:\n{masked(before)}\n\nnow:\n{masked(now)}"


def test_every_habit_is_there() -> None:
    """Each file of the data folder is sent here or by a document, and each that is sent is there."""
    sent = {word.removeprefix("file=@") for path in GOLDEN for word in path.read_text().split() if "=@" in word}
    kept = {f"examples/data/{path.name}" for path in (ROOT / "examples" / "data").iterdir() if path.suffix != ".md"}
    documents = "".join(path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    assert sent <= kept
    assert all(f"=@{path}" in documents or f"binary @{path}" in documents for path in kept - sent)
    assert len(sent) >= 10


def _answer(line: str, base: str) -> dict[str, Any]:
    words = shlex.split(line.replace("\\\n", " "))[1:]
    answer: dict[str, Any] = json.loads(curl([word.replace("localhost:8080", base) for word in words], ROOT))
    return answer


def seen(document: dict[str, Any]) -> str:
    """What matters to a person of a job, a dataset or a refusal, in lines."""
    lines = (
        _refused(document) if "status" in document else _of_job(document) if "state" in document else _of_data(document)
    )
    return "".join(f"{line}\n" for line in lines)


def _refused(problem: dict[str, Any]) -> Iterator[str]:
    yield f"{problem['status']} {problem['code']}: {problem['detail']}"
    for place in problem["errors"]:
        where = ", ".join(f"{name} {value}" for name, value in place.items() if name != "detail")
        yield f"  {where}: {place['detail']}"


def _of_job(job: dict[str, Any]) -> Iterator[str]:
    yield f"{job['state']} ({job['stop_reason']})"
    yield from _warnings(job)
    if job["error"]:
        yield f"error {job['error']['code']}: {job['error']['detail']}"
    if job["result"]:
        yield from _listed("", job["result"]["parameters"])
        for part, metrics in job["result"]["metrics"].items():
            if metrics:
                yield f"{part}: " + ", ".join(f"{name} {_short(value)}" for name, value in metrics.items())


def _of_data(dataset: dict[str, Any]) -> Iterator[str]:
    yield f"{dataset['rows']} rows, " + ", ".join(f"{name} {value!r}" for name, value in dataset["dialect"].items())
    yield from _warnings(dataset)
    for column in dataset["columns"][:SHOWN]:
        yield "  " + ", ".join(f"{name} {_short(value)}" for name, value in column.items())
    if len(dataset["columns"]) > SHOWN:
        yield f"  and {len(dataset['columns']) - SHOWN} more columns"


def _warnings(document: dict[str, Any]) -> Iterator[str]:
    for warning in document["warnings"]:
        yield f"warning {warning['code']} ({warning['pointer']}): {warning['detail']}"


def _listed(name: str, value: Any) -> Iterator[str]:
    """Parameters, one a line, down to their numbers."""
    if isinstance(value, dict):
        for inner in list(value)[:SHOWN]:
            yield from _listed(f"{name}.{inner}" if name else inner, value[inner])
        if len(value) > SHOWN:
            yield f"  {name}: and {len(value) - SHOWN} more"
    else:
        yield f"  {name} = {_short(value)}"


def _short(value: Any) -> str:
    """A value as a person would note it down."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        more = f", … ({len(value)})" if len(value) > SHOWN else ""
        return "[" + ", ".join(_short(item) for item in value[:SHOWN]) + more + "]"
    return str(value)
