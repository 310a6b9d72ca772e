"""The containers of ``docker-compose.yml``, for real: three workers share the jobs of one API."""

import json
import os
import random
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import pytest
import requests

from service.standalone import free_port

pytestmark = pytest.mark.compose

ROOT = Path(__file__).resolve().parent.parent.parent
WORKERS, JOBS, SECONDS = 3, 30, 1.0
ROWS = 2000
# Building downloads the packages of the lock the first time.
BUILD_LIMIT, STOP_LIMIT, JOBS_LIMIT = 900, 120, 300

Job = dict[str, Any]


class Containers(NamedTuple):
    """A running Compose project of this test's own: its name, and where its API is."""

    project: str
    port: int

    @property
    def jobs(self) -> str:
        """The address of the jobs."""
        return f"http://127.0.0.1:{self.port}/v1/jobs"

    def compose(self, *words: str, limit: float = STOP_LIMIT) -> str:
        """Run ``docker compose`` on the project; what it printed."""
        return docker("compose", "--project-name", self.project, *words, limit=limit, PORT=str(self.port))

    def hosts_of(self, service: str) -> set[str]:
        """The host names inside the containers of a service, which are what its processes call themselves."""
        ids = self.compose("ps", "--quiet", service).split()
        return set(docker("inspect", "--format", "{{.Config.Hostname}}", *ids).split())

    def posted(self, csv: bytes, iterations: int, seed: int) -> Job:
        """A job that was accepted: stochastic least squares for exactly so many passes over the rows."""
        settings = {
            "target": "y",
            "batch_size": 1,
            "sampling": "sequential",
            "learning_rate": 0.001,
            "max_iterations": iterations,
            "tolerance": {"cost": 0},
            "seed": seed,
        }
        parts: dict[str, tuple[str | None, str | bytes, str]] = {
            "file": ("rows.csv", csv, "text/csv"),
            "settings": (None, json.dumps(settings), "application/json"),
        }
        answer = requests.post(self.jobs, files=parts, timeout=30)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    def ended(self, job: Job) -> Job:
        """The record of the job once it is terminal."""
        deadline = monotonic() + JOBS_LIMIT
        while job["state"] in {"queued", "running"}:
            assert monotonic() < deadline, f"{job['id']} is still {job['state']}"
            answer = requests.get(f"{self.jobs}/{job['id']}", params={"wait": 30}, timeout=60)
            assert answer.status_code == 200, answer.text
            job = answer.json()
        return job


def docker(*words: str, limit: float = 60, **variables: str) -> str:
    """Run ``docker``; what it printed. Fails with its own words."""
    command, environ = ("docker", *words), {**os.environ, **variables}
    ended = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=limit)
    if ended.returncode:
        pytest.fail(f"{' '.join(command)}: {ended.stdout[-2000:]}{ended.stderr[-4000:]}", pytrace=False)
    return ended.stdout


def has_engine() -> bool:
    """Whether there is a Docker engine, and Compose to speak to it."""
    try:
        tried = [
            subprocess.run(("docker", *words), capture_output=True, check=False)
            for words in (["compose", "version"], ["info"])
        ]
    except OSError:
        return False
    return not any(ended.returncode for ended in tried)


@pytest.fixture(scope="module")
def containers() -> Iterator[Containers]:
    if not has_engine():  # a skipped proof would look like a proof
        pytest.exit("test-compose needs a Docker engine with Compose, and `docker info` finds none.", returncode=1)
    running = Containers(f"thalweg-test-{os.getpid()}", free_port())
    try:
        running.compose("up", "--build", "--detach", "--wait", "--scale", f"worker={WORKERS}", limit=BUILD_LIMIT)
        yield running
    finally:
        running.compose("down", "--volumes", "--remove-orphans")


def rows(seed: int) -> bytes:
    """A CSV with two features and a target that depends on both; another one for each seed."""
    draw = random.Random(seed)
    lines = ["a,b,y"]
    for _ in range(ROWS):
        a, b = draw.gauss(0, 1), draw.gauss(5, 2)
        lines.append(f"{a:.6f},{b:.6f},{3 * a - b + draw.gauss(0, 0.5):.6f}")
    return "\n".join(lines).encode()


def at(job: Job, name: str) -> float:
    return datetime.fromisoformat(job[name]).timestamp()


def duration(job: Job) -> float:
    return at(job, "finished_at") - at(job, "started_at")


def iterations_for(containers: Containers, seconds: float) -> int:
    """How many passes take so long here, measured by one job, so that the test knows no machine's speed."""
    tried = 50
    job = containers.ended(containers.posted(rows(0), tried, seed=0))
    return max(tried, round(tried * seconds / duration(job)))


@pytest.fixture(scope="module")
def jobs(containers: Containers) -> list[Job]:
    """The records of all jobs, ended."""
    iterations = iterations_for(containers, SECONDS)
    with ThreadPoolExecutor(JOBS) as clients:
        posted = list(clients.map(lambda seed: containers.posted(rows(seed), iterations, seed), range(1, JOBS + 1)))
        return list(clients.map(containers.ended, posted))


def test_all_jobs_succeed(jobs: list[Job]) -> None:
    """Each runs once and to its last iteration."""
    assert {(job["state"], job["stop_reason"], job["attempt"]) for job in jobs} == {("succeeded", "max_iterations", 1)}
    assert len({job["id"] for job in jobs}) == JOBS
    assert all(job["result"]["parameters"]["coefficients"]["a"] == pytest.approx(3, abs=0.2) for job in jobs)


def test_every_worker_takes_jobs(containers: Containers, jobs: list[Job]) -> None:
    """The hosts in the records are the worker containers, all of them and no other."""
    hosts = containers.hosts_of("worker")
    assert len(hosts) == WORKERS
    assert {job["worker"].rsplit(":", 1)[0] for job in jobs} == hosts


def test_jobs_overlap_in_time(jobs: list[Job]) -> None:
    """As many run at the same moment as there are workers, and on one worker never two."""
    edges = sorted([(at(job, "started_at"), 1) for job in jobs] + [(at(job, "finished_at"), -1) for job in jobs])
    counts = [sum(step for _, step in edges[: place + 1]) for place in range(len(edges))]
    assert max(counts) == WORKERS
    for worker in {job["worker"] for job in jobs}:
        own = sorted((job for job in jobs if job["worker"] == worker), key=lambda job: at(job, "started_at"))
        assert all(at(earlier, "finished_at") <= at(later, "started_at") for earlier, later in pairwise(own))


# A folder that any user may write to, unless the whole file system is closed; and the one that must be open.
PROBE = "! touch /var/tmp/probe 2>/dev/null && touch $THALWEG_DATA_DIR/probe && rm $THALWEG_DATA_DIR/probe && echo so"


def test_containers_run_without_privileges(containers: Containers) -> None:
    """Not as root, on a file system they cannot change but for the datasets, and Redis is not to be reached."""
    for service in ("api", "worker"):
        assert containers.compose("exec", "--no-TTY", service, "id", "-u").strip() != "0"
        assert containers.compose("exec", "--no-TTY", service, "sh", "-c", PROBE).strip() == "so"
    redis = containers.compose("ps", "--quiet", "redis").split()
    assert json.loads(docker("inspect", "--format", "{{json .HostConfig.PortBindings}}", *redis)) in ({}, None)
