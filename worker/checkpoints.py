"""The checkpoint at both ends of a job: where a continued one begins, and what is kept of how one ended."""

from pathlib import Path
from typing import TypeVar

import orjson
import structlog

from contract.checkpoint import pack_checkpoint, unpack_checkpoint
from contract.checkpoint_file import keep, kept
from contract.config import Config
from contract.errors import InputCorrupt
from contract.function_settings import FunctionSettings
from contract.settings import Settings
from contract.store import Claim
from engine.checkpoint import Checkpoint
from engine.training import Outcome

Given = TypeVar("Given", Settings, FunctionSettings)

log = structlog.get_logger()


def continued_checkpoint(folder: Path, claim: Claim, dimension: int) -> Checkpoint | None:
    """Where a job goes on that continues another one, None for any other; raises ``InputCorrupt``."""
    if not claim.checkpoint:
        return None
    found = unpack_checkpoint(kept(folder, claim.checkpoint))
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


def keep_checkpoint(config: Config, claim: Claim, outcome: Outcome) -> bytes:
    """What Redis is to hold of the checkpoint at the end.

    Nothing after a divergence, where it is larger than the installation keeps any, or where the disk has no room.
    """
    if outcome.checkpoint is None or outcome.checkpoint.state.theta.nbytes > config.max_checkpoint:
        return b""
    packed = pack_checkpoint(outcome.checkpoint)
    if len(packed) > config.max_checkpoint:
        return b""
    try:
        return keep(config.checkpoints_dir, claim.job, claim.fence, packed)
    except OSError:  # the answer is worth more than going on from it
        log.warning("checkpoint_not_kept", exc_info=True)
        return b""
