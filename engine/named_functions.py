"""Functions of two variables that optimizers are tried on, with the box that is usual for them and their least values.

Boxes and minima are those of Jamil and Yang, "A literature survey of benchmark functions for global optimisation
problems" (2013), and of Surjanovic and Bingham, "Virtual library of simulation experiments" (2013); who described each
function first stands beside it. All have the variables x and y.
"""

from collections.abc import Mapping
from typing import NamedTuple


class NamedFunction(NamedTuple):
    """An expression of x and y, the half width of its box around the origin, and where its least value is.

    minima are all points (x, y) with that value, to float64.
    """

    expression: str
    reach: float
    minima: tuple[tuple[float, float], ...]
    least: float
    reference: str

    @property
    def box(self) -> dict[str, tuple[float, float]]:
        """Where starts are usually drawn: from and to, by variable."""
        return {"x": (-self.reach, self.reach), "y": (-self.reach, self.reach)}


_GOLDSTEIN_PRICE = (
    "(1 + (x + y + 1)**2*(19 - 14*x + 3*x**2 - 14*y + 6*x*y + 3*y**2))"
    "*(30 + (2*x - 3*y)**2*(18 - 32*x + 12*x**2 + 48*y - 36*x*y + 27*y**2))"
)
_ACKLEY = "20 + e - 20*exp(-0.2*sqrt((x**2 + y**2)/2)) - exp((cos(2*pi*x) + cos(2*pi*y))/2)"
_LEVY = (
    "sin(pi*(x + 3)/4)**2 + ((x - 1)/4)**2*(1 + 10*sin(pi*(x + 3)/4 + 1)**2)"
    " + ((y - 1)/4)**2*(1 + sin(pi*(y + 3)/2)**2)"
)
_STYBLINSKI_TANG = -2.903534027771177

NAMED_FUNCTIONS: Mapping[str, NamedFunction] = {
    "sphere": NamedFunction("x**2 + y**2", 5.12, ((0.0, 0.0),), 0.0, "De Jong 1975"),
    "rosenbrock": NamedFunction(
        "(1 - x)**2 + 100*(y - x**2)**2", 2.048, ((1.0, 1.0),), 0.0, "Rosenbrock 1960, with the box of De Jong 1975"
    ),
    "himmelblau": NamedFunction(
        "(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
        5.0,
        (
            (3.0, 2.0),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.283185991286170),
            (3.584428340330492, -1.848126526964404),
        ),
        0.0,
        "Himmelblau 1972",
    ),
    "beale": NamedFunction(
        "(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2",
        4.5,
        ((3.0, 0.5),),
        0.0,
        "Beale 1958",
    ),
    "booth": NamedFunction(
        "(x + 2*y - 7)**2 + (2*x + y - 5)**2", 10.0, ((1.0, 3.0),), 0.0, "Booth 1949, as in Jamil and Yang 2013"
    ),
    "matyas": NamedFunction(
        "0.26*(x**2 + y**2) - 0.48*x*y", 10.0, ((0.0, 0.0),), 0.0, "Matyas, as in Jamil and Yang 2013"
    ),
    "three_hump_camel": NamedFunction(
        "2*x**2 - 1.05*x**4 + x**6/6 + x*y + y**2", 5.0, ((0.0, 0.0),), 0.0, "Branin 1972"
    ),
    "ackley": NamedFunction(_ACKLEY, 32.768, ((0.0, 0.0),), 0.0, "Ackley 1987"),
    "rastrigin": NamedFunction(
        "20 + x**2 - 10*cos(2*pi*x) + y**2 - 10*cos(2*pi*y)", 5.12, ((0.0, 0.0),), 0.0, "Rastrigin 1974"
    ),
    "goldstein_price": NamedFunction(_GOLDSTEIN_PRICE, 2.0, ((0.0, -1.0),), 3.0, "Goldstein and Price 1971"),
    "styblinski_tang": NamedFunction(
        "(x**4 - 16*x**2 + 5*x + y**4 - 16*y**2 + 5*y)/2",
        5.0,
        ((_STYBLINSKI_TANG, _STYBLINSKI_TANG),),
        -78.33233140754282,
        "Styblinski and Tang 1990",
    ),
    "levy": NamedFunction(_LEVY, 10.0, ((1.0, 1.0),), 0.0, "Levy and Montalvo 1985"),
}
