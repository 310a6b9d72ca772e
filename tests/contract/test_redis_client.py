"""Redis is reached by each kind of URL."""

from pathlib import Path

import pytest

from contract.hint import celery_app
from contract.redis_client import connect
from tests.support.processes import redis_server


def test_a_socket_of_this_machine_will_do(tmp_path: Path) -> None:
    """For the records and for the broker, in the database that the URL names."""
    path = tmp_path / "redis.sock"
    with redis_server(tmp_path, "--unixsocket", str(path)):
        url = f"unix://{path}?db=3"
        with connect(url, connections=1) as client:
            client.set("here", "3")
        with celery_app(url).connection_for_write() as broker:
            assert broker.default_channel.client.get("here") == b"3"


@pytest.mark.parametrize(
    ("url", "option"), [("redis://127.0.0.1:1/0", True), ("rediss://127.0.0.1:1/0", True), ("unix:///x", None)]
)
def test_dead_connections_are_noticed_where_there_is_a_network(url: str, option: bool | None) -> None:
    with connect(url) as client:
        assert client.connection_pool.connection_kwargs.get("socket_keepalive") is option


def test_the_broker_s_database_is_found_behind_other_options() -> None:
    """Hints in another database than the records would reach nobody."""
    assert celery_app("unix:///x?a=b&db=3").conf.broker_url == "redis+socket:///x?a=b&virtual_host=3"
