"""What each kind computes, and who described it first.

For optimizers, schedules, losses and penalties that is the first paragraph of the NamedTuple's docstring, a formula and
in parentheses its reference; the models, which are functions, stand here.
"""

import re
from collections.abc import Mapping
from inspect import getdoc
from typing import Any, NamedTuple

FIRST_PARAGRAPH = re.compile(r"(?P<formula>.+) \((?P<reference>[^()]*\b\d{4}\b[^()]*)\)\.", re.DOTALL)


class Described(NamedTuple):
    """A formula in plain text, and names and years of its source; None where there is none to name."""

    formula: str
    reference: str | None


MODEL_FORMULAS: Mapping[str, Described] = {
    "linear": Described("prediction x·w + b, for poisson e^(x·w + b)", "Legendre 1805; Nelder and Wedderburn 1972"),
    "logistic": Described("P(second class) = 1 / (1 + e^-(x·w + b))", "Cox 1958"),
    "softmax": Described("P(class k) = e^zₖ / Σⱼ e^zⱼ with zₖ = x·wₖ + bₖ", "McFadden 1974; Bridle 1990"),
    "network": Described(
        "aₖ = f(aₖ₋₁·Wₖ + bₖ) with a₀ = x and f = activation; prediction a·W + b, or P(class) from its softmax",
        "Rumelhart, Hinton and Williams 1986",
    ),
    "formula": Described("prediction f(x, p), for poisson e^f(x, p), with f the expression", "Gauss 1809"),
}


def described(kind: type[Any]) -> Described:
    """What the docstring of a NamedTuple says of it."""
    paragraph = " ".join((getdoc(kind) or "").split("\n\n")[0].split())
    found = FIRST_PARAGRAPH.fullmatch(paragraph)
    if found is None:
        return Described(paragraph.removesuffix("."), None)
    return Described(found["formula"], found["reference"])
