"""Running a job that is claimed: its plan, its descent from the start or from where another job ended, and its end."""

from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from contract.any_settings import AnySettings
from contract.config import Config
from contract.function_settings import FunctionSettings
from contract.settings import Settings
from engine.arrays import FloatArray
from engine.training import Outcome, train
from worker.build import Means, Plan, build
from worker.checkpoints import as_resolved, continued_checkpoint, keep_checkpoint
from worker.function import FunctionPlan, descend_all, plan_function
from worker.function_result import function_ending
from worker.recorded import recorded_parameters
from worker.result import ending_of, packed_model
from worker.running import Running


class End(NamedTuple):
    """A job's terminal state, fields of the record, its packed model, and what Redis holds of its checkpoint."""

    state: str
    fields: dict[str, Any]
    model: bytes = b""
    checkpoint: bytes = b""


def run(running: Running, settings: AnySettings, config: Config, means: Means) -> End | None:
    """The job's end, or None when this worker leaves before it. Raises whatever makes the job fail."""
    if isinstance(settings, FunctionSettings):
        return _minimised(running, settings, config)
    return _fitted(running, settings, config, means)


def _fitted(running: Running, settings: Settings, config: Config, means: Means) -> End | None:
    warnings, asked = orjson.loads(running.claim.warnings), as_resolved(settings, running.claim)
    plan = build(asked, warnings, config.datasets_dir, means)._replace(settings=settings)
    running.tell(plan.fields())
    running.begin(recorded_parameters(plan))
    outcome = _descended(plan, running, config.checkpoints_dir, plan.theta)
    if running.gives_back(outcome.reason):
        return None
    end = End(*ending_of(plan, outcome, running.seconds(), running.interruption), packed_model(plan, outcome))
    return end._replace(checkpoint=keep_checkpoint(config, running.claim, outcome))


def _minimised(running: Running, settings: FunctionSettings, config: Config) -> End | None:
    plan = plan_function(as_resolved(settings, running.claim))._replace(settings=settings)
    running.tell(plan.fields())
    found, why = descend_all(plan, running, partial(_descended, plan, running, config.checkpoints_dir))
    if running.gives_back(why):
        return None
    state, fields, best = function_ending(plan, found, why, running.seconds())
    return End(state, fields, checkpoint=keep_checkpoint(config, running.claim, best) if best else b"")


def _descended(plan: Plan | FunctionPlan, running: Running, folder: Path, theta: FloatArray) -> Outcome:
    """How the descent ended from theta, or from where the job ended that this one continues."""
    found = continued_checkpoint(folder, running.claim, plan.problem.dimension)
    if found is not None:
        running.resume(found)
    begin = theta if found is None else found
    return train(
        plan.problem, plan.method, begin, plan.limits, observe=running.observe, interrupted=running.interruption
    )
