"""Configuration: read from the environment, and refused in words that name the variable."""

from pathlib import Path

import pytest
from environs import EnvError

from contract.config import read_config


def test_variables_reach_their_fields(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "REDIS_URL": "redis://example:1/2",
        "PORT": "8123",
        "THALWEG_DATA_DIR": str(tmp_path),
        "THALWEG_LEASE": "12.5",
        "THALWEG_MAX_ROWS": "77",
        "THALWEG_LOG_LEVEL": "ERROR",
    }.items():
        monkeypatch.setenv(name, value)
    config = read_config()
    assert (config.redis_url, config.port, config.lease) == ("redis://example:1/2", 8123, 12.5)
    assert (config.max_rows, config.log_level, config.datasets_dir) == (77, "ERROR", tmp_path / "datasets")


def test_a_relative_folder_is_made_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    """API and workers may change their folder; the files stay where they are."""
    monkeypatch.setenv("THALWEG_DATA_DIR", "somewhere")
    assert read_config().data_dir == Path.cwd() / "somewhere"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("THALWEG_MAX_BODY", "1 GiB"),
        ("THALWEG_MAX_ROWS", "0"),
        ("THALWEG_LEASE", "0"),
        ("THALWEG_HEARTBEAT", "-1"),
        ("THALWEG_THREADS", "3"),
        ("THALWEG_STORAGE_SHARE", "1.5"),
        ("THALWEG_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(EnvError, match=name):
        read_config()


@pytest.mark.parametrize(("name", "value"), [("LEASE", "9"), ("HEARTBEAT", "16"), ("REPORT_INTERVAL", "16")])
def test_times_that_would_lose_every_lease_are_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """A lease must outlast two reports, or healthy workers lose their jobs."""
    monkeypatch.setenv(f"THALWEG_{name}", value)
    with pytest.raises(ValueError, match="THALWEG_LEASE"):
        read_config()
