"""Compiled steps in the workers, made ready before a pool process exists, and never in the API."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from contract.settings import load_settings
from engine.method import Kernel
from tests.support.datasets import write_dataset
from tests.support.processes import CACHE, ROOT, Stack
from worker import kernels
from worker.build import Means, build


@pytest.fixture(scope="module")
def kernel() -> Kernel | None:
    return kernels.load(CACHE)


@pytest.mark.parametrize(("batch_size", "compiled"), [(1, True), (16, True), (None, False)])
def test_small_batches_of_a_job_are_compiled(
    tmp_path: Path, kernel: Kernel, batch_size: int | None, compiled: bool
) -> None:
    dataset = write_dataset(tmp_path, {"x": [1.0, 2.0, 4.0] * 20, "y": [1.0, 3.0, 2.0] * 20})
    settings = load_settings({"target": "y", "dataset": dataset, "features": ["x"], "batch_size": batch_size})
    plan = build(settings, [], tmp_path, Means(kernel))
    assert plan.method.kernel is kernel
    assert (kernel(plan.problem, plan.method) is not None) is compiled


def test_a_folder_that_cannot_be_written_leaves_the_steps_to_numpy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert kernels.load(tmp_path / "file" / "cache") is None


def test_without_numba_the_steps_are_left_to_numpy(tmp_path: Path) -> None:
    program = "import sys; sys.modules['numba'] = None; from worker import kernels; from pathlib import Path\n"
    program += f"assert kernels.load(Path({str(tmp_path)!r})) is None"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


def maps_compiler(process: psutil.Process) -> bool:
    return any("llvmlite" in mapped.path for mapped in process.memory_maps())


def test_workers_have_the_compiler_before_their_first_job_and_the_api_never_has(running: Stack) -> None:
    """A pool process inherits what its parent loaded: no job waits for it."""
    assert running.api is not None
    api, workers = psutil.Process(running.api.pid), [psutil.Process(worker.pid) for worker in running.workers]
    pools = [child for worker in workers for child in worker.children()]
    assert pools
    assert [maps_compiler(process) for process in [*workers, *pools]] == [True] * (len(workers) + len(pools))
    assert [maps_compiler(process) for process in [api, *api.children()]] == [False] * (1 + len(api.children()))
