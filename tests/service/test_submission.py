"""What becomes of a submission when something goes away between its check and its acceptance."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import pytest

from contract.config import read_config
from contract.errors import InvalidSettings, Unavailable
from contract.job import new_id
from contract.store import Store
from service.app import create_app
from service.csv_options import CsvOptions
from service.house import house
from service.redis_server import url_of
from service.spool import Spool
from service.standalone import free_port
from service.submission import Received, submission
from service.uploads import Upload, dataset_from
from tests.support.jobs import line_csv

Inside = Callable[[str], AbstractContextManager[object]]


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inside:
    """The block of a request to an API on this Redis; it serves nobody."""

    def request(redis_url: str) -> AbstractContextManager[object]:
        monkeypatch.setenv("REDIS_URL", redis_url)
        monkeypatch.setenv("THALWEG_DATA_DIR", str(tmp_path))
        app = create_app(read_config())
        app.extensions["thalweg"].config.datasets_dir.mkdir()
        return app.test_request_context()

    return request


def upload() -> Upload:
    spool = Spool(house().config.datasets_dir, house().config.max_body)
    spool.write(line_csv().encode())
    return Upload(spool, CsvOptions(), None)


def files() -> list[str]:
    return [path.name for path in house().config.datasets_dir.rglob("*.arrow")]


def added() -> str:
    """A dataset of its own, with its record."""
    with dataset_from(upload()) as dataset:
        return house().store.datasets.add(dataset).id


def test_a_file_is_not_written_before_redis_has_told_of_the_held_out_dataset(inside: Inside) -> None:
    """Where Redis is away by then, no record was tried, and no file stays."""
    with inside(url_of(free_port())):
        body = Received({"target": "y", "validation": {"dataset": "ds_x"}}, upload())
        with pytest.raises(Unavailable), submission(body):
            pytest.fail("no block without the held-out dataset")
        assert files() == []


@pytest.mark.parametrize("error", [None, Unavailable("Redis is away."), KeyError("any")], ids=repr)
def test_what_is_only_validated_is_never_kept(inside: Inside, error: Exception | None) -> None:
    with inside(url_of(free_port())):
        with suppress(Unavailable, KeyError), submission(Received({"target": "y"}, upload()), kept=False):
            assert len(files()) == 1
            if error:
                raise error
        assert files() == []


def test_a_file_whose_record_may_be_written_stays(inside: Inside) -> None:
    with inside(url_of(free_port())):
        with pytest.raises(Unavailable), submission(Received({"target": "y"}, upload())):
            raise Unavailable("Redis is away.")
        assert len(files()) == 1


def accept_without(gone: str, store: Store, body: Received) -> None:
    with submission(body) as found:
        store.datasets.delete(gone)
        new, uses = found.new_dataset, found.uses()
        store.accept(new_id("job"), found.dataset, found.record(), b"", new_dataset=new, uses=uses)


@pytest.mark.parametrize(
    ("sent", "which"), [("id", "/dataset"), ("id", "/validation/dataset"), ("file", "/validation/dataset")]
)
def test_a_dataset_that_goes_before_the_job_is_accepted_is_unknown(
    inside: Inside, redis_url: str, store: Store, sent: str, which: str
) -> None:
    """As it would be a moment later: a 422 at the setting that names it."""
    with inside(redis_url):
        used, held_out = added(), added()
        document = {"target": "y", "validation": {"dataset": held_out}}
        body = Received(document, upload()) if sent == "file" else Received(document | {"dataset": used}, None)
        with pytest.raises(InvalidSettings) as caught:
            accept_without(used if which == "/dataset" else held_out, store, body)
        assert [(place.pointer, place.code) for place in caught.value.errors] == [(which, "unknown_dataset")]
        assert len(files()) == 2
