"""Idempotency keys over HTTP: one key makes one thing, however often it is sent and whoever dies."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
import requests

from contract.store_keys import REPLAY
from tests.support.jobs import line_csv
from tests.support.problems import left_behind, nothing_new, problem
from tests.support.processes import Stack, eventually, kill, redis_server, stack

CSV = line_csv()
SETTINGS = {"target": "y", "labels": {"made": "once"}}


def post_job(
    base: str, key: str, csv: str = CSV, settings: dict[str, Any] = SETTINGS, wait: int = 0, **options: str
) -> requests.Response:
    """A form; ``requests`` draws another boundary for each."""
    parts: dict[str, Any] = {"file": ("data.csv", csv), "settings": (None, json.dumps(settings))}
    parts |= {name: (None, value) for name, value in options.items()}
    headers = {"Idempotency-Key": key}
    return requests.post(f"{base}/v1/jobs", files=parts, params={"wait": wait}, headers=headers, timeout=60)


def post_dataset(base: str, key: str, csv: str = CSV, **options: str) -> requests.Response:
    headers = {"Idempotency-Key": key, "Content-Type": "text/csv"}
    return requests.post(f"{base}/v1/datasets", data=csv, params=options, headers=headers, timeout=60)


def as_id(answer: requests.Response) -> str:
    assert answer.status_code in (201, 202), answer.text
    return str(answer.json()["id"])


@pytest.fixture
def key() -> str:
    return token_hex(8)


def test_a_job_is_made_once(running: Stack, key: str) -> None:
    """The second answer is the first one's job and says so; the second body left no record and no file."""
    first = post_job(running.base, key, wait=20)
    before = left_behind(running)
    again = post_job(running.base, key)
    assert (as_id(again), again.status_code, again.headers["Location"]) == (
        *(as_id(first), 202),
        first.headers["Location"],
    )
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert nothing_new(running, before)


def test_the_second_answer_waits_like_the_first(running: Stack, key: str) -> None:
    post_job(running.base, key)
    assert post_job(running.base, key, wait=20).json()["state"] == "succeeded"


def test_a_job_on_a_dataset_is_made_once(running: Stack, key: str) -> None:
    """The order of members and the space between them are no other body."""
    dataset = as_id(post_dataset(running.base, token_hex(8)))
    texts = [f'{{"dataset": "{dataset}", "target": "y"}}', f'{{"target":"y","dataset":"{dataset}"}}']
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    made = [requests.post(f"{running.base}/v1/jobs", data=text, headers=headers, timeout=5) for text in texts]
    assert as_id(made[0]) == as_id(made[1])


def test_a_dataset_is_made_once(running: Stack, key: str) -> None:
    first = post_dataset(running.base, key)
    before = left_behind(running)
    again = post_dataset(running.base, key)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert nothing_new(running, before)


def test_the_same_key_on_another_route_is_another_key(running: Stack, key: str) -> None:
    assert as_id(post_dataset(running.base, key)).startswith("ds_")
    assert as_id(post_job(running.base, key)).startswith("job_")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"csv": CSV + "1,2,3\n"}, id="file"),
        pytest.param({"settings": SETTINGS | {"seed": 1}}, id="settings"),
        pytest.param({"decimal": "."}, id="option"),
    ],
)
def test_another_body_is_refused(running: Stack, key: str, other: dict[str, Any]) -> None:
    post_job(running.base, key, wait=20)
    before = left_behind(running)
    problem(post_job(running.base, key, **other), 422, "idempotency_mismatch")
    assert nothing_new(running, before)


def test_a_request_under_way_is_not_begun_again(running: Stack, key: str) -> None:
    """A mark without what was made is one of a request under way."""
    known = set(running.store.client.keys(f"{REPLAY}*"))
    post_job(running.base, key)
    (mark,) = set(running.store.client.keys(f"{REPLAY}*")) - known
    running.store.client.hdel(mark, "made")
    answer = post_job(running.base, key)
    problem(answer, 409, "idempotency_in_flight")
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_refused_request_may_be_corrected_under_its_key(running: Stack, key: str) -> None:
    before = left_behind(running)
    problem(post_job(running.base, key, settings=SETTINGS | {"target": "z"}), 422)
    assert nothing_new(running, before)
    assert as_id(post_job(running.base, key))


def test_what_was_made_and_deleted_is_not_made_again(running: Stack, key: str) -> None:
    job = as_id(post_job(running.base, key, wait=20))
    assert requests.delete(f"{running.base}/v1/jobs/{job}", timeout=5).status_code == 204
    problem(post_job(running.base, key), 409, "conflict")


def test_twenty_at_once_make_one_job(running: Stack, key: str) -> None:
    """Those who find it under way are told to come back, and then get the job that the first one made."""

    def persistent(_: int) -> str:
        while (answer := post_job(running.base, key)).status_code == 409:
            assert answer.json()["code"] == "idempotency_in_flight"
        return as_id(answer)

    before = running.store.client.zcard("thalweg:jobs")
    with ThreadPoolExecutor(20) as pool:
        assert len(set(pool.map(persistent, range(20)))) == 1
    assert running.store.client.zcard("thalweg:jobs") == before + 1


def test_what_a_key_made_is_answered_while_new_work_is_refused(tmp_path: Path, key: str) -> None:
    """A client whose answer was lost learns of its job however full Redis is; so does who only asks for a verdict."""
    with redis_server(tmp_path / "redis") as url, stack(workers=0, redis_url=url, processes="1") as crowded:
        base, client = crowded.base, crowded.store.client
        made = as_id(post_job(base, key)), as_id(post_dataset(base, key))
        client.config_set("maxmemory", int(client.info()["used_memory"] / 0.85))
        eventually(lambda: post_job(base, token_hex(8)).status_code == 503, what="the next reading of the memory")
        problem(post_dataset(base, token_hex(8)), 503, "storage_full")
        assert (as_id(post_job(base, key)), as_id(post_dataset(base, key))) == made
        parts = {"file": ("data.csv", CSV), "settings": (None, json.dumps(SETTINGS))}
        assert requests.post(f"{base}/v1/jobs/validate", files=parts, timeout=60).status_code == 200


@pytest.fixture
def mortal() -> Iterator[Stack]:
    """An installation whose API may be killed."""
    with stack(workers=0, processes="1") as installation:
        yield installation


def die_while(mortal: Stack, request: Any, *arguments: Any, when: Any) -> None:
    """Kill the API once ``when`` holds, while the request is under way."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(request, *arguments)
        eventually(when, what="the moment to die")
        kill(mortal.api)
        with suppress(requests.ConnectionError):
            answer.result()
    mortal.start_api()


def test_a_client_whose_api_died_before_the_job_tries_again(mortal: Stack, key: str) -> None:
    """The mark that was left is gone within its time (here: at once), and the next try makes the job."""
    csv, client = line_csv(200_000), mortal.store.client
    die_while(mortal, post_job, mortal.base, key, csv, when=lambda: client.keys(f"{REPLAY}*"))
    problem(post_job(mortal.base, key, csv), 409, "idempotency_in_flight")
    (mark,) = client.keys(f"{REPLAY}*")
    client.pexpire(mark, 1)
    job = as_id(post_job(mortal.base, key, csv))
    assert as_id(post_job(mortal.base, key, csv)) == job
    assert client.zcard("thalweg:jobs") == 1


def test_a_client_whose_api_died_after_the_job_gets_that_job(mortal: Stack, key: str) -> None:
    """The answer was held back for the job's end, and never came."""
    client = mortal.store.client
    waiting = lambda: post_job(mortal.base, key, wait=30)  # noqa: E731 - used once
    die_while(mortal, waiting, when=lambda: client.zcard("thalweg:jobs"))
    again = post_job(mortal.base, key)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert [as_id(again).encode()] == client.zrange("thalweg:jobs", 0, -1)
