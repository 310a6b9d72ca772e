"""A worker has run one job of each model before it takes any."""

import tempfile
from pathlib import Path

import pytest

from contract.choices import FITTING_LOSSES
from contract.settings import load_settings
from worker.build import NUMPY
from worker.rehearsal import JOBS, rehearse


def test_every_model_is_rehearsed() -> None:
    """So that no model's first job is slower than its tenth; batches take another way than a full batch."""
    named = [load_settings(job).model["name"] for job in JOBS]
    assert set(named) == set(FITTING_LOSSES)
    assert {"batch_size" in job for job in JOBS} == {True, False}


def test_a_rehearsal_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its jobs end well, on a dataset of their own that goes with them."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    rehearse(NUMPY)
    assert list(tmp_path.iterdir()) == []
