"""The state of a run at both ends of a job: where a continued one begins, and what is kept of how one ended."""

from pathlib import Path
from typing import TypeVar

import orjson
import structlog

from contract.errors import InputCorrupt
from contract.function_settings import FunctionSettings
from contract.kept_state import pack_state, unpack_state
from contract.settings import Settings
from contract.state_file import keep, kept
from contract.store import Claim
from engine.checkpoint import Checkpoint
from engine.training import Outcome

Given = TypeVar("Given", Settings, FunctionSettings)

log = structlog.get_logger()


def continued_state(folder: Path, claim: Claim, dimension: int) -> Checkpoint | None:
    """Where a job goes on that continues another one, None for any other; raises ``InputCorrupt``."""
    if not claim.state:
        return None
    found = unpack_state(kept(folder, claim.state))
    if found.state.theta.size != dimension:
        detail = f"The state has {found.state.theta.size} parameters and the model {dimension}; post the job again."
        raise InputCorrupt(detail, "state_unreadable")
    return found


def as_resolved(settings: Given, claim: Claim) -> Given:
    """The settings of a job that continues another one, with each "auto" as it was resolved there; others as they are.

    Nothing is resolved twice: another version of this service might do it otherwise.
    """
    resolved = orjson.loads(claim.resolved or b"{}")
    return settings._replace(**{name: resolved[name] for name in ("optimizer", "learning_rate") if name in resolved})


def keep_state(folder: Path, claim: Claim, outcome: Outcome) -> bytes:
    """What Redis is to hold of the state at the end; nothing after a divergence, or where the disk has no room."""
    if outcome.checkpoint is None:
        return b""
    try:
        return keep(folder, claim.job, claim.fence, pack_state(outcome.checkpoint))
    except OSError:  # the answer is worth more than going on from it
        log.warning("state_not_kept", exc_info=True)
        return b""
