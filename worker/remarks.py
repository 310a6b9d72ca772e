"""What the user should know of how a descent ended: how far the answer may be from the best one, and what helps."""

from collections.abc import Iterator
from typing import Any, Final

from contract.settings import Settings
from engine.training import Outcome
from worker.build import Plan
from worker.distance import UNKNOWN, Gap

NEAR: Final = 1e-4
"""The gap that needs no word, relative to the cost."""

NEAR_ENOUGH: Final = 1e-2
"""The same with kinks, or the noise of smaller batches."""

ROUNDING: Final = 1e-9
"""A gap, relative to the cost, of which the digits mean little."""

ILL_CONDITIONED: Final = 1e4
"""A condition index of 100 is a very strong dependence (Belsley, Kuh and Welsch 1980, 3.2); this is its square."""

KINKED: Final = ("absolute", "quantile", "hinge")
BROKEN_OFF: Final = ("diverged", "cancelled")
ENDED_EARLY: Final = ("max_iterations", "time_limit")
APART: Final = "Classes that the features tell apart perfectly have no best parameters: their cost falls for ever."


def remarks(plan: Plan, outcome: Outcome, gap: Gap | None) -> list[dict[str, Any]]:
    """Warnings ``{code, detail, pointer}`` about a run, whose last cost is so far above the least."""
    if outcome.reason in BROKEN_OFF:
        return [*_best_at_start(plan, outcome)]
    said = [*_distance(plan, outcome, gap)] or [*_ill_conditioned(plan, gap)]
    return [*said, *_worse_than_start(plan, outcome), *_best_at_start(plan, outcome)]


def _distance(plan: Plan, outcome: Outcome, gap: Gap | None) -> Iterator[dict[str, Any]]:
    """Say that a run ended before its cost settled, or that it settled far from the least one."""
    sentence, reason = gap.sentence if gap else UNKNOWN, outcome.reason
    if gap and gap.share <= ROUNDING and reason != "time_limit":
        return
    if reason in ENDED_EARLY:
        detail = f"The descent ended before the cost settled.{sentence}{_condition(plan)} {_cure(plan, reason)}"
        yield {"code": f"stopped_at_{reason}", "detail": detail, "pointer": f"/{reason}"}
    elif reason == "converged" and _is_far(plan, gap):
        noisy = plan.settings.batch_size is not None and gap is None
        settled = "settled, perhaps within the noise of the batches" if noisy else "settled early"
        detail = f"The cost {settled}.{sentence}{_condition(plan)} {_cure(plan, reason)}"
        yield {"code": "settled_early", "detail": detail, "pointer": "/tolerance"}


def _is_far(plan: Plan, gap: Gap | None) -> bool:
    """A gap that nobody knows counts, but for networks and where the full batch of a loss that bends has settled."""
    settings = plan.settings
    rough = settings.batch_size is not None or settings.loss["name"] in KINKED
    if gap is None:
        return rough and not settings.is_network
    return gap.share > (NEAR_ENOUGH if rough else NEAR)


def _ill_conditioned(plan: Plan, gap: Gap | None) -> Iterator[dict[str, Any]]:
    """Say that parameters far from the best ones have nearly the same cost."""
    condition = plan.resolved.advice.condition_number
    if condition is None or condition < ILL_CONDITIONED:
        return
    place, cure = "/features", "Leave out features that say the same as others, or add an l2 penalty."
    if plan.settings.scaling != "standard":
        place, cure = "/scaling", 'Take scaling "standard", which the features need.'
    sentence = gap.sentence if gap and gap.share > ROUNDING else ""
    detail = f"The parameters hang on small differences between the features.{_condition(plan)}{sentence} {cure}"
    yield {"code": "ill_conditioned", "detail": detail, "pointer": place}


def _best_at_start(plan: Plan, outcome: Outcome) -> Iterator[dict[str, Any]]:
    """Say that the answer is no fit where no iteration was better on the held-out rows than the start."""
    if plan.data.held_out is not None and outcome.best.iteration == 0:
        detail = (
            "No iteration lowered the validation cost below that of the start, so these are the initial parameters."
        )
        detail = f"{detail} The last ones stand under other."
        yield {"code": "best_is_the_start", "detail": detail, "pointer": "/validation"}


def _worse_than_start(plan: Plan, outcome: Outcome) -> Iterator[dict[str, Any]]:
    """Say that the last parameters cost more than those that the descent began with."""
    start, last = outcome.start_cost, outcome.last.cost
    if last > start * (1.0 + ROUNDING):
        scaled = ', or scaling "standard"' if plan.settings.scaling == "none" else ""
        detail = (
            f"The cost ended at {last:.6g}, above the {start:.6g} of the start: take a smaller learning_rate{scaled}."
        )
        yield {"code": "worse_than_the_start", "detail": detail, "pointer": "/learning_rate"}


def _condition(plan: Plan) -> str:
    condition = plan.resolved.advice.condition_number
    return "" if condition is None else f" The condition number is {condition:.3g}."


def _cure(plan: Plan, reason: str) -> str:
    settings = plan.settings
    if reason == "time_limit":
        return "Raise time_limit, or make an iteration shorter: fewer rows, or fewer steps_per_iteration."
    more = "Allow more iterations" if reason == "max_iterations" else "Take a smaller tolerance"
    if settings.is_network:
        smaller = "" if settings.batch_size else ", or take a batch_size: a pass then makes many steps, not one"
        return f"{more}{smaller}."
    if settings.is_formula:
        return f"{more}, or begin nearer: fit by eye and take those parameters for initial."
    if settings.gradient_clip is not None:
        return f"{more}, or a larger gradient_clip, or none: steps are no longer than the rate times it."
    if settings.averaging:
        return f"{more}, or leave averaging out: the mean of all parameters so far follows them slowly."
    if not settings.optimizer == settings.learning_rate == "auto":
        return f'{more}, or let learning_rate and optimizer be "auto".'
    return f"{more}, {_help(settings)}{f' {APART}' if _may_fall_for_ever(settings) else ''}"


def _may_fall_for_ever(settings: Settings) -> bool:
    """Margins of hinge losses need not grow, and penalised parameters do not."""
    return (settings.loss["name"], settings.penalty["name"]) == ("log_loss", "none")


def _help(settings: Settings) -> str:
    if settings.batch_size is not None:
        return "or larger batches, whose gradients have less noise."
    return 'or take scaling "standard".' if settings.scaling == "none" else "or leave out features that repeat others."
