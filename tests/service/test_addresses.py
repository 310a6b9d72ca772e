"""Which requests are answered: a page that somebody visits can neither read nor change what is on their machine."""

import pytest
import requests

from contract.config import read_config
from service.app import create_app
from tests.support.jobs import line_csv
from tests.support.problems import problem

HOSTS = [
    *[("127.0.0.1", host, 200) for host in ("localhost", "LocalHost:8080", "127.0.0.1:80", "127.0.0.2", "[::1]:8080")],
    *[("127.0.0.1", host, 400) for host in ("example.org", "localhost.example.org", "127.0.0.1.nip.io", "10.0.0.1")],
    *[(bind, "example.org", 400) for bind in ("localhost", "::1", "[::1]", "127.0.1.1")],
    *[(bind, "example.org", 200) for bind in ("0.0.0.0", "::", "10.0.0.1")],  # noqa: S104 - nothing listens here
]


@pytest.mark.parametrize(("bind", "host", "status"), HOSTS)
def test_a_server_of_this_machine_answers_to_its_names_only(bind: str, host: str, status: int) -> None:
    """Whatever name another site has made to lead here; a server that others reach has names that only they know."""
    client = create_app(read_config()._replace(bind=bind, trusted_hosts=())).test_client()
    answer = client.get("/openapi.yaml", headers={"Host": host})
    assert answer.status_code == status
    assert status == 200 or answer.json["code"] == "wrong_host"
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


WRITES = [
    ("POST", "/v1/jobs"),
    ("POST", "/v1/sweeps"),
    ("POST", "/v1/datasets"),
    ("POST", "/v1/jobs/job_x/cancel"),
    ("POST", "/v1/jobs/job_x/continue"),
    ("POST", "/v1/jobs/job_x/predictions"),
    *[("DELETE", path) for path in ("/v1/jobs?label=a:b", "/v1/jobs/job_x", "/v1/sweeps/sweep_x", "/v1/datasets/ds_x")],
]


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_no_page_of_another_site_writes(base: str, method: str, path: str) -> None:
    answer = requests.request(method, base + path, headers={"Sec-Fetch-Site": "cross-site"}, timeout=5)
    assert "Sec-Fetch-Site" in problem(answer, 403, "cross_site")["detail"]


@pytest.mark.parametrize("site", ["same-origin", "none", None])
def test_the_page_itself_and_programs_write(base: str, site: str | None) -> None:
    headers = {"Content-Type": "text/csv", "Sec-Fetch-Site": site}
    assert requests.post(f"{base}/v1/datasets", line_csv(), headers=headers, timeout=5).status_code == 201


def test_a_link_from_another_site_leads_here(base: str) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert requests.get(f"{base}/v1/jobs", headers=headers, timeout=5).status_code == 200
