"""Ids, times and fields of the job record."""

import re

import pytest

from contract.job import FIELDS, STATES, TERMINAL, JobRecord, new_id, pack_fields, progress, rfc3339


def test_ids_are_128_random_bits_in_base32() -> None:
    ids = {new_id("job") for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch(r"job_[a-z2-7]{26}", one) for one in ids)
    # The last of 26 letters holds the three bits that are left over, so all others must vary freely.
    assert len({one[4] for one in ids}) == len({one[28] for one in ids}) == 32


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, None),
        (0.0, "1970-01-01T00:00:00Z"),
        (1_700_000_000.25, "2023-11-14T22:13:20.250000Z"),
    ],
)
def test_times_are_rfc_3339_in_utc(seconds: float | None, text: str | None) -> None:
    assert rfc3339(seconds) == text


def test_texts_bytes_and_numbers_are_packed_as_they_are_and_the_rest_as_json() -> None:
    packed = pack_fields({"a": "x", "b": b"{}", "c": 1.5, "d": {"e": float("nan")}, "f": None, "g": []})
    assert packed == ["a", "x", "b", b"{}", "c", 1.5, "d", b'{"e":null}', "f", b"null", "g", b"[]"]


def test_progress_is_a_fraction_of_what_is_allowed() -> None:
    assert progress(30, 120, 2.5, 1.0) == {
        "iteration": 30,
        "max_iterations": 120,
        "fraction": 0.25,
        "cost": 2.5,
        "eta_seconds": 1.0,
    }


def test_terminal_states_are_states() -> None:
    assert set(STATES) - {"queued", "running"} == TERMINAL


def test_the_record_has_the_fields_of_the_table() -> None:
    """And its place in the queue, which is no field of the hash."""
    assert (*FIELDS, "queue_position") == JobRecord._fields
