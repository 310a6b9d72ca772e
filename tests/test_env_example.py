"""``.env.example`` lists what can be set, no more and no less, with the defaults of the code."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from contract.config import Config, read_config

ROOT = Path(__file__).resolve().parent.parent
# Read by those who start processes, not by the processes themselves: the Makefile's `serve`, docker-compose.yml.
STARTERS = {"WORKERS": "2", "REDIS_MAXMEMORY": "512mb"}


def examples(text: str) -> dict[str, str]:
    return dict(re.findall(r"^#([A-Z_]+)=(.*)$", text, flags=re.MULTILINE))


def read_in_code(source: str) -> set[str]:
    """The names that the code reads; all but the first two stand below ``prefixed("THALWEG_")``."""
    names = re.findall(r'env\.(?!prefixed)\w+\(\s*"([A-Z_]+)"', source)
    return {name if name in {"REDIS_URL", "PORT"} else f"THALWEG_{name}" for name in names}


@pytest.fixture
def listed() -> dict[str, str]:
    return examples((ROOT / ".env.example").read_text(encoding="utf-8"))


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, listed: dict[str, str]) -> pytest.MonkeyPatch:
    """An environment in which nothing of ours is set."""
    for name in listed:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_every_variable_is_listed(listed: dict[str, str]) -> None:
    source = (ROOT / "contract" / "config.py").read_text(encoding="utf-8")
    assert len(read_in_code(source)) == len(Config._fields)
    assert set(listed) - set(STARTERS) == read_in_code(source)


def test_every_default_is_the_one_of_the_code(listed: dict[str, str], bare: pytest.MonkeyPatch) -> None:
    from_code = read_config()
    for name in set(listed) - set(STARTERS):
        bare.setenv(name, listed[name])
    assert read_config() == from_code
    assert all(repr(value) == listed[name] for name, value in numbers(from_code))


def numbers(config: Config) -> list[tuple[str, float]]:
    """The numeric settings under their names outside, so that 30 is not listed where the code has 30.0."""
    found = [(name, value) for name, value in config._asdict().items() if isinstance(value, int | float)]
    return [("PORT" if name == "port" else f"THALWEG_{name.upper()}", value) for name, value in found]


def test_what_only_the_starters_read_is_listed_with_their_defaults(listed: dict[str, str]) -> None:
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    interpolated = dict(re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", compose))
    assert interpolated == {"PORT": listed["PORT"], "REDIS_MAXMEMORY": STARTERS["REDIS_MAXMEMORY"]}
    standalone = (ROOT / "service" / "standalone.py").read_text(encoding="utf-8")
    assert f'"WORKERS", "{STARTERS["WORKERS"]}"' in standalone
    redis = (ROOT / "service" / "redis_server.py").read_text(encoding="utf-8")
    assert f'"REDIS_MAXMEMORY", "{STARTERS["REDIS_MAXMEMORY"]}"' in redis
    assert STARTERS.items() <= listed.items()


def test_every_variable_has_its_line_of_explanation() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert [line for before, line in pairwise(lines) if examples(line) and not before.startswith("# ")] == []
