"""Requests beyond the catalogue of bad input (``tests/bad_input``)."""

import pytest
import requests

from tests.support.problems import problem


@pytest.mark.parametrize(
    ("document", "pointer"), [({"target": "y"}, "/dataset"), ({"target": "y", "dataset": "ds_x"}, "/dataset")], ids=str
)
def test_a_job_without_a_file_needs_a_dataset(base: str, document: dict[str, str], pointer: str) -> None:
    answer = requests.post(f"{base}/v1/jobs", json=document, timeout=5)
    assert problem(answer, 422)["errors"][0]["pointer"] == pointer


def test_a_connection_goes_on_after_a_refusal(base: str) -> None:
    """The rest of a refused body is not taken for the next request."""
    with requests.Session() as session:
        for _ in range(3):
            body = b'{"target": "y", "nonsense": 1}'
            refused = session.post(f"{base}/v1/jobs", data=body, headers={"Content-Type": "text/plain"}, timeout=5)
            problem(refused, 415)
            assert session.get(f"{base}/healthz", timeout=5).status_code == 200
