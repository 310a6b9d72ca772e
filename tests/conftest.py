"""Fixtures shared by all tests: one redis-server for the whole run, emptied for each test that uses it.

Whatever a test hears over HTTP must be what ``openapi.yaml`` says, else the test fails.
"""

from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings

from contract.redis_client import connect
from contract.store import Store
from tests.support.listening import listening, violations
from tests.support.predictions import Job, runner
from tests.support.processes import Stack, redis_server, stack

settings.register_profile("thorough", max_examples=1000)


@pytest.fixture(scope="session", autouse=True)
def _all_ears() -> Iterator[None]:
    with listening():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """A test that heard something undocumented fails, unless it fails already."""
    violations()
    outcome = yield
    assert violations() == []
    return outcome


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def store(redis_url: str) -> Iterator[Store]:
    client = connect(redis_url, connections=40)
    client.flushall()
    yield Store(client, lease=30.0, retention=3600.0)
    client.close()


@pytest.fixture(scope="session")
def running() -> Iterator[Stack]:
    """One installation with two workers for all tests that only talk HTTP to it."""
    limits = {"max_body": "20000000", "max_columns": "1000", "max_rows": "1000000", "worker_memory": "500000000"}
    with stack(workers=2, **limits) as installation:
        yield installation


@pytest.fixture(scope="session")
def base(running: Stack) -> str:
    return running.base


@pytest.fixture(scope="module")
def job(base: str) -> Job:
    return runner(base)
