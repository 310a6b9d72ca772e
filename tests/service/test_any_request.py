"""Requests drawn from ``openapi.yaml``, right and wrong ones alike, are answered as it says.

What is drawn is the same in every run; ``--hypothesis-profile=thorough`` draws much more of it. Beside schemathesis'
own checks, what every test hears is held against the document (``tests/conftest.py``).
"""

from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from schemathesis.schemas import BaseSchema

from tests.support.openapi import spec
from tests.support.processes import Stack, stack
from tests.support.sober import LASTING, SHORT, Things, hasty, is_short, sober, upload

CASES = settings.default.max_examples * 2 // 5
PICTURES = CASES // 4
ROUNDS = 12
"""Of walking, until every operation that an answer can lead to was there."""
# A right schema is no right meaning (columns, ranges that depend on the data): 422 is an answer to it.
UNCHECKED = ["positive_data_acceptance"]
CALM = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
OPERATIONS = [
    (method.upper(), path)
    for path, methods in spec().document["paths"].items()
    for method in methods
    if method != "parameters"
]


@pytest.fixture(scope="module")
def installation() -> Iterator[Stack]:
    """An installation of its own: what is drawn may delete whatever is there."""
    with stack(workers=1, max_body="1000000") as running:
        yield running


@pytest.fixture(scope="module")
def schema(installation: Stack) -> BaseSchema:
    return loaded(installation)


def loaded(installation: Stack) -> BaseSchema:
    found = schemathesis.openapi.from_url(f"{installation.base}/openapi.yaml")
    found.config.update(base_url=installation.base)
    return found


@pytest.fixture(scope="module")
def things(installation: Stack) -> Things:
    return Things(installation.base, upload(installation.base))


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_any_request_is_answered_as_documented(method: str, path: str, schema: BaseSchema, things: Things) -> None:
    """Each operation is asked often enough, and at least once with success."""
    operation, statuses = schema[path][method], Counter[int]()
    cases = PICTURES if "/plot." in path else CASES  # drawing takes long
    right, wrong = (operation.as_strategy(mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE))

    @settings(CALM, max_examples=cases)
    @given(case=right | wrong, is_sober=st.booleans())
    def ask(case: Case, is_sober: bool) -> None:
        assume(is_short(case))
        if is_sober:
            case.path_parameters = things.for_path(case)
            sober(case, things)
        # Any text may be a CSV or a field of a form, and what was made sober is not as it was drawn.
        is_text = case.media_type in ("text/csv", "multipart/form-data")
        unchecked = [*UNCHECKED] + (["negative_data_rejection"] if is_sober or is_text else [])
        # Reading our own YAML again and again takes long, and another test compares it with the file.
        unchecked += ["response_schema_conformance"] if path == "/openapi.yaml" else []
        answer = hasty(case).call_and_validate(excluded_checks=CHECKS.get_by_names(unchecked))
        statuses[answer.status_code] += 1

    ask()
    assert sum(statuses.values()) >= 0.9 * cases
    assert any(200 <= status < 300 for status in statuses), statuses


def test_what_an_answer_leads_to_is_there(installation: Stack, things: Things) -> None:
    """From answers on to their ids and locations, in any order: show, history, cancel, delete, submit again.

    A job that has ended, or has not, is there too: 409.
    """
    runs, schema = cycle([SHORT, LASTING]), loaded(installation)

    @schema.hook
    def map_case(context: Any, case: Case) -> Case:  # noqa: ARG001 - schemathesis wants these names
        return hasty(sober(case, things, next(runs)))

    @schema.hook
    def filter_case(context: Any, case: Case) -> bool:  # noqa: ARG001 - as above
        return is_short(case)

    walks(schema)
    expected = {f"{method} {path}" for method, path in OPERATIONS if "_id}" in path}
    reached: set[str] = set()
    for _ in range(ROUNDS):
        reached |= walked(schema)
        if reached >= expected:
            return
        # What a job has come to by then differs, so one round may miss a way; the next one draws others.
        schema.config.generation.deterministic = False
    assert reached >= expected


def walked(schema: BaseSchema) -> set[str]:
    """Walk once; the operations that were there, none of which may have answered wrongly."""
    events = list(from_schema(schema).execute())
    assert [event for event in events if isinstance(event, NonFatalError | FatalError)] == []
    found = [event.recorder for event in events if isinstance(event, ScenarioFinished)]
    wrong = [check.failure_info for one in found for checks in one.checks.values() for check in checks]
    assert [info.failure for info in wrong if info] == []
    return {
        f"{one.cases[key].value.method} {one.cases[key].value.path}"
        for one in found
        for key, interaction in one.interactions.items()
        if interaction.response is not None and interaction.response.status_code in (200, 201, 202, 204, 409)
    }


def walks(schema: BaseSchema) -> None:
    """Let the engine walk from answer to request only; what it draws is the same in every run."""
    schema.config.phases.update(phases=["stateful"])
    schema.config.phases.stateful.max_steps = 8
    schema.config.generation.deterministic = True
    schema.config.generation.database = "none"
    schema.config.generation.max_examples = 15
    schema.config.checks.positive_data_acceptance.enabled = False
    schema.config.checks.negative_data_rejection.enabled = False
