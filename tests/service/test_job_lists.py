"""Many jobs over HTTP: filters, the feed, bulk deletion.

The test ends them through the store, so that thousands are cheap.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any, cast

import pytest
import requests

from contract.job import LIGHT_FIELDS, JobRecord, new_id, progress, result_fields
from contract.settings import load_settings
from contract.store import Entries
from contract.store_keys import ENDINGS
from service.views import light_view
from tests.support.problems import problem
from tests.support.processes import Stack, stack
from tests.support.records import FIELDS, HINT, a_dataset, accept, claim, job_in

MANY = 10_000
SHOWN = {"settings": load_settings({"target": "y"}).to_json(), "progress": progress(0, 10, None, None)}


@pytest.fixture(scope="module")
def idle() -> Iterator[Stack]:
    """An installation without workers: whatever happens to its jobs is done by the test."""
    with stack(workers=0) as installation:
        yield installation


@pytest.fixture
def api(idle: Stack) -> Stack:
    idle.store.client.flushall()
    return idle


def queued(api: Stack, **labels: str) -> str:
    return accept(api.store, labels=labels, **SHOWN)


def get(api: Stack, query: str = "", path: str = "/v1/jobs") -> dict[str, Any]:
    answer = api.http.get(f"{api.base}{path}{query}", timeout=70)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids(document: dict[str, Any]) -> list[str]:
    return [row["id"] for row in document["jobs"]]


def end(api: Stack, job: str, state: str = "succeeded") -> str:
    assert api.store.finish(claim(api.store, job), state, Entries(), {})
    return job


def test_filters_are_in_the_query_and_in_the_link(api: Stack) -> None:
    """State and labels, each label once more; the link to the next page has the same filters."""
    jobs = [queued(api, team="Ä:b c", n=str(k % 2)) for k in range(6)]
    for job in jobs[:4]:
        end(api, job)
    queued(api, team="other")
    answer = requests.get(f"{api.base}/v1/jobs?state=succeeded&label=team:Ä:b c&label=n:1&limit=1", timeout=5)
    assert (ids(answer.json()), answer.json()["next"] is None) == ([jobs[3]], False)
    following = requests.get(api.base + answer.links["next"]["url"], timeout=5)
    assert (ids(following.json()), following.json()["next"]) == ([jobs[1]], None)
    assert ids(get(api, "?label=team:nobody")) == []


def test_a_row_is_light(api: Stack) -> None:
    """Nothing in it grows with the model or the settings."""
    end(api, queued(api, a="b"))
    (row,) = get(api)["jobs"]
    assert set(row) == {
        *("id", "state", "stop_reason", "name", "labels", "created_at", "started_at", "finished_at"),
        *("progress", "cost", "error_code"),
    }


def test_a_row_has_the_cost_of_the_result(api: Stack) -> None:
    """Once there is one; of the progress it is the latest, as it is in the job."""
    job, reached = queued(api), {"progress": progress(10, 10, 3.0, None)}
    claimed = claim(api.store, job)
    assert api.store.finish(claimed, "succeeded", Entries(), reached | result_fields({"cost": 2.0}))
    (row,) = get(api)["jobs"]
    assert (row["cost"], row["progress"]["cost"]) == (2.0, 3.0)


def test_lists_read_what_their_rows_show(api: Stack) -> None:
    """Of each record the fields of a row and no others, or a page of a thousand rows would read them in vain."""
    record, seen = api.store.job(queued(api)), set()

    class Looked:
        def __getattr__(self, name: str) -> Any:
            seen.add(name)
            return getattr(record, name)

    light_view(cast("JobRecord", Looked()))
    assert seen == set(LIGHT_FIELDS)


def test_the_feed_goes_on_where_it_was(api: Stack) -> None:
    """In order of ending from the cursor on, with a cursor in each answer, also in one without jobs."""
    assert get(api, "?finished_after=0") == {"jobs": [], "next": "0"}
    first, second, third = (queued(api) for _ in range(3))
    end(api, second), end(api, first, "failed")
    page = get(api, "?finished_after=0&limit=1")
    assert ids(page) == [second]
    page = get(api, f"?finished_after={page['next']}")
    assert ids(page) == [first]
    assert get(api, f"?finished_after={page['next']}") == {"jobs": [], "next": page["next"]}
    api.store.cancel(third)
    assert ids(get(api, f"?finished_after={page['next']}&wait=5")) == [third]


def test_the_feed_waits_for_the_first_that_fits(api: Stack) -> None:
    """Another job's ending does not end the waiting, and the one that is waited for does at once."""
    other, mine = queued(api), queued(api, mine="yes")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(get, api, "?finished_after=0&label=mine:yes&wait=50")
        sleep(0.5)  # by now the request waits; were it later, the test would only show less
        end(api, other)
        end(api, mine)
        assert ids(waiting.result(timeout=20)) == [mine]


def test_one_reader_follows_thousands_of_jobs(api: Stack) -> None:
    """Four threads end them while it reads over one connection: it meets each once, in the order of the endings."""
    store, dataset = api.store, api.store.datasets.add(a_dataset())
    jobs = [new_id("job") for _ in range(MANY)]
    for job in jobs:
        store.accept(job, dataset, FIELDS | SHOWN, HINT(job), new_dataset=False)
    seen, cursor = [], "0"
    with ThreadPoolExecutor(4) as pool:
        ending = pool.map(store.cancel, jobs)
        while len(seen) < MANY:
            url = f"{api.base}/v1/jobs?finished_after={cursor}&wait=20&limit=1000"
            page = api.http.get(url, stream=True, timeout=70).json()  # streams are not held against openapi.yaml: slow
            assert page["jobs"], f"nothing new for 20 s after {len(seen)} jobs"
            seen, cursor = seen + ids(page), page["next"]
        list(ending)
    assert get(api, f"?finished_after={cursor}")["jobs"] == []
    assert seen == [job.decode() for job in store.client.zrange(ENDINGS, 0, -1)]
    assert (len(seen), set(seen)) == (MANY, set(jobs))


def test_deleting_needs_a_filter_and_says_how_many_went(api: Stack) -> None:
    old, new = (end(api, queued(api, team="a")) for _ in range(2))
    live = queued(api, team="a")
    problem(requests.delete(f"{api.base}/v1/jobs", timeout=5), 400, "invalid_parameter")
    when = requests.get(f"{api.base}/v1/jobs/{new}", timeout=5).json()["finished_at"]
    found = requests.delete(f"{api.base}/v1/jobs?label=team:a&finished_before={when}", timeout=5)
    assert (found.status_code, found.json()) == (200, {"deleted": 1})
    problem(requests.get(f"{api.base}/v1/jobs/{old}", timeout=5), 404, "not_found")
    assert requests.delete(f"{api.base}/v1/jobs?label=team:a", timeout=5).json() == {"deleted": 1}
    assert ids(get(api)) == [live]


@pytest.mark.parametrize("state", ["queued", "running"])
def test_live_jobs_cannot_be_chosen_for_deletion(api: Stack, state: str) -> None:
    job_in(api.store, state)
    problem(requests.delete(f"{api.base}/v1/jobs?state={state}", timeout=5), 400, "invalid_parameter")


@pytest.mark.parametrize(
    "query",
    [
        *("state=done", "label=team", "label=:blue", "finished_after=junk", "finished_after=-1"),
        *("wait=1", "finished_after=0&cursor=5", "state=queued&state=queued", "sort=name"),
    ],
)
def test_a_wrong_filter_is_named(api: Stack, query: str) -> None:
    document = problem(requests.get(f"{api.base}/v1/jobs?{query}", timeout=5), 400, "invalid_parameter")
    assert document["detail"]


@pytest.mark.parametrize(
    "query", ["finished_before=yesterday", "finished_before=2026-11-21T12:00:00", "limit=5", "label=team"]
)
def test_a_wrong_choice_for_deletion_is_named(api: Stack, query: str) -> None:
    problem(requests.delete(f"{api.base}/v1/jobs?{query}", timeout=5), 400, "invalid_parameter")


def test_a_job_is_sent_again_only_when_it_has_changed(api: Stack) -> None:
    """Each change gives another ETag, also one of the place in the queue; until then the answer is an empty 304."""
    first, job = queued(api), queued(api)
    path, seen = f"{api.base}/v1/jobs/{job}", []

    def poll() -> str:
        """The ETag, after two looks at the job that hasn't changed in between."""
        answer = requests.get(path, timeout=5)
        tag = answer.headers["ETag"]
        again = requests.get(path, headers={"If-None-Match": f'"other", {tag}'}, timeout=5)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert ("Retry-After" in again.headers) == ("Retry-After" in answer.headers)
        return tag

    seen.append(poll())
    api.store.client.config_resetstat()
    requests.get(path, headers={"If-None-Match": seen[0]}, timeout=5)
    assert "cmdstat_hgetall" not in api.store.client.info("commandstats")  # the record itself was not read
    api.store.cancel(first)
    seen.append(poll())
    held = claim(api.store, job)
    seen.append(poll())
    api.store.report(held, Entries(), {"progress": progress(1, 10, 2.5, 0.1)})
    seen.append(poll())
    api.store.cancel(job)
    seen.append(poll())
    api.store.finish(held, "cancelled", Entries(), {})
    seen.append(poll())
    assert len(set(seen)) == len(seen)
    for old in seen[:-1]:
        assert requests.get(path, headers={"If-None-Match": old}, timeout=5).status_code == 200


def test_datasets_are_listed_without_their_columns(api: Stack) -> None:
    added = [api.store.datasets.add(a_dataset()).id for _ in range(3)]
    answer = requests.get(f"{api.base}/v1/datasets?limit=2", timeout=5)
    rows = answer.json()["datasets"]
    assert [row["id"] for row in rows] == added[:0:-1]
    whole = get(api, path=f"/v1/datasets/{added[2]}")
    assert rows[0] == {name: value for name, value in whole.items() if name not in ("columns", "warnings")}
    following = requests.get(api.base + answer.links["next"]["url"], timeout=5).json()
    assert ([row["id"] for row in following["datasets"]], following["next"]) == (added[:1], None)
