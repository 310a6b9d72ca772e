"""Function jobs whose results are known: those of the tutorials, to the digits of the reference tables."""

from typing import Any, NamedTuple

PARABOLA = "x**2 + 5*x + 10"
BOWL = "x**2 + y**2"
WAVES = "sin(x) + 0.1*x**2"
"""A minimum of -0.7945823375615284 near -1.3064, a maximum near 1.9773, a minimum of 0.831559 near 3.8374."""


class FunctionReference(NamedTuple):
    """A run from `initial` and where it ends, to `digits` decimals."""

    id: str
    expression: str
    initial: dict[str, float]
    optimizer: Any
    learning_rate: float
    iterations: int
    parameters: dict[str, float]
    cost: float | None = None
    digits: int = 10


FUNCTION_REFERENCES = [
    FunctionReference("parabola sgd", PARABOLA, {"x": 5.0}, "sgd", 0.1, 20, {"x": -2.4135308872}, 3.7574769075),
    FunctionReference(
        "parabola momentum", PARABOLA, {"x": 5.0}, "momentum", 0.1, 20, {"x": -5.1193946244}, 10.6112281985
    ),
    FunctionReference("parabola adagrad", PARABOLA, {"x": 5.0}, "adagrad", 1.0, 20, {"x": -0.6918789807}, 7.0193016203),
    FunctionReference("parabola slow", PARABOLA, {"x": 5.0}, "sgd", 0.01, 50, {"x": 0.2312726007}),
    FunctionReference("parabola", PARABOLA, {"x": 5.0}, "sgd", 0.1, 50, {"x": -2.4998929564}),
    FunctionReference("parabola fast", PARABOLA, {"x": 5.0}, "sgd", 0.5, 50, {"x": -2.5}),
    FunctionReference(
        "bowl", BOWL, {"x": 5.0, "y": 5.0}, "sgd", 0.1, 20, {"x": 0.0576460752, "y": 0.0576460752}, 0.0066461400
    ),
    FunctionReference(
        "bowl from further", BOWL, {"x": 8.0, "y": 8.0}, "sgd", 0.1, 50, {"x": 1.1418e-4, "y": 1.1418e-4}, digits=8
    ),
]
