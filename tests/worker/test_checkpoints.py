"""Which checkpoints are kept at the end of a job."""

from pathlib import Path

import numpy as np
import pytest

from contract.checkpoint import pack_checkpoint
from contract.checkpoint_file import kept
from contract.config import Config, read_config
from contract.store import Claim
from engine.checkpoint import Checkpoint
from engine.descent import Point
from engine.method import start
from engine.stopping import first_tally
from engine.training import Outcome
from worker.checkpoints import keep_checkpoint

SIZE = 20_000
POINT = Point(0, np.ones(SIZE), 1.0, None, 0.5)
CHECKPOINT = Checkpoint(start(POINT.theta), first_tally(POINT))
BYTES = len(pack_checkpoint(CHECKPOINT))
CLAIM = Claim("job_" + "a" * 26, 1, 1, b"{}", b"[]")


def config(folder: Path, most: int) -> Config:
    return read_config()._replace(data_dir=folder, max_checkpoint=most)


@pytest.mark.parametrize(("most", "is_kept"), [(BYTES, True), (BYTES - 1, False), (8 * SIZE - 1, False), (0, False)])
def test_checkpoints_are_kept_up_to_the_size_that_the_operator_allows(tmp_path: Path, most: int, is_kept: bool) -> None:
    """Of one that is too large nothing is left on the disk, and the job says at /continue that there is none."""
    outcome = Outcome("max_iterations", POINT, POINT, None, 0, 1.0, CHECKPOINT)
    held = keep_checkpoint(config(tmp_path, most), CLAIM, outcome)
    assert bool(held) == is_kept == any(path.is_file() for path in tmp_path.rglob("*"))
    assert not is_kept or kept(config(tmp_path, most).checkpoints_dir, held) == pack_checkpoint(CHECKPOINT)
