"""What the page's scripts compute, asked of them in the browser: numbers as text, axes, text as settings."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.watched import Watched

pytestmark = pytest.mark.browser

CALL = "([file, name, given]) => import(`/page/${file}`).then((module) => module[name](...given))"
TICKS = """([values, wanted]) => import("/page/scale.js")
  .then(({axis}) => axis(values, 300, 0, wanted).ticks.map((one) => one.text))"""
ENDS = """(ends) => import("/page/chart.js").then(({Chart}) => {
  const chart = new Chart("cost"), rising = (last) => Array.from({length: last + 1}, (_, k) => k);
  document.querySelector("main").replaceChildren(chart.element);
  chart.draw(ends.map((last) => ({name: "", x: rising(last), y: rising(last), hue: 0})));
  return chart.svg.querySelector(".axis").textContent;
})"""
PATIENCE = """([status, pause]) => import("/page/api.js").then(({Problem, patiently}) => {
  let tries = 0;
  const act = async () => { if (!tries++) throw new Problem(status, {detail: "no"}, pause); return "done"; };
  return patiently(act, new AbortController().signal).catch(() => "refused");
})"""
LOOSE = [
    ("0.5", 0.5),
    ("1e-3", 0.001),
    (" 7 ", 7),
    ('"a"', "a"),
    ("0,5", "0,5"),
    ("[8, 4]", [8, 4]),
    ("auto", "auto"),
    ("{", "{"),
]


@pytest.fixture
def page(watched: Watched, base: str) -> Page:
    watched.page.goto(f"{base}/")
    return watched.page


def asked(page: Page, file: str, name: str, *given: Any) -> Any:
    return page.evaluate(CALL, [file, name, given])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((None, "\u2013"), (0, "0"), (17, "17"), (-1443.6749709561368, "-1443.67"), (0.02382403, "0.023824")),
        *((3.127e-05, "3.127e-5"), (1e-8, "1e-8"), (2.521e18, "2.521e18"), (1234567.8, "1234568"), (0.5, "0.5")),
    ],
)
def test_numbers_have_six_digits_and_no_idle_zeros(page: Page, value: float | None, text: str) -> None:
    assert asked(page, "format.js", "number", value) == text


@pytest.mark.parametrize(("text", "value"), LOOSE)
def test_a_field_is_a_number_or_json_or_else_its_text(page: Page, text: str, value: Any) -> None:
    """What is none is sent as it stands, so that the API says what is wrong with it."""
    assert asked(page, "format.js", "loose", text) == value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.01, 0.1,", [0.01, 0.1]),
        ("sgd, auto", ["sgd", "auto"]),
        ('["a,b", 1, null]', ["a,b", 1, None]),
        ('none, {"name": "l2", "strength": 0.1}', ["none", {"name": "l2", "strength": 0.1}]),
        ("[1, 2", ["[1", 2]),
        ("", []),
    ],
)
def test_values_to_compare_are_a_list_or_apart_by_commas(page: Page, text: str, values: list[Any]) -> None:
    assert asked(page, "vary.js", "listed", text) == values


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("b2*x + b1*exp (-k*2e5) + e", "b2 b1 k"),
        ("pi*x", ""),
        ("_a1/2.5e-3a", "_a1 a"),
        ("a*`b c`+`d``e`", "a"),
        ("", ""),
    ],
)
def test_names_of_an_expression_are_no_functions_constants_or_columns(page: Page, text: str, names: str) -> None:
    assert asked(page, "initial.js", "namesOf", text, ["pi", "e", "x"]) == names.split()


@pytest.mark.parametrize(
    ("values", "wanted", "ticks"),
    [
        pytest.param([0, 10], "auto", "0 2 4 6 8 10", id="round numbers"),
        pytest.param([5.36484, 5.36486], "auto", "5.364840 5.364845 5.364850 5.364855 5.364860", id="many digits"),
        pytest.param([1, 100], "auto", "0 20 40 60 80 100", id="two decades are no more than two"),
        pytest.param([1, 1000], "auto", "1 10 100 1000", id="more than two decades"),
        pytest.param([0, 1, 1000], "auto", "1 10 100 1000", id="a zero has no place on a log axis"),
        pytest.param([-1, 1000], "auto", "0 200 400 600 800 1000", id="negative"),
        pytest.param([1, 1000], "linear", "0 200 400 600 800 1000", id="as asked"),
        pytest.param([1, 10], "log", "1 10", id="log as asked"),
        pytest.param([-2, -1], "log", "-2.0 -1.8 -1.6 -1.4 -1.2 -1.0", id="log of nothing positive"),
        pytest.param([7], "auto", "6.4 6.6 6.8 7.0 7.2 7.4 7.6", id="one value"),
        pytest.param([], "auto", "0 0.2 0.4 0.6 0.8 1.0", id="none"),
    ],
)  # fmt: skip
def test_axes_have_round_numbers(page: Page, values: list[float], wanted: str, ticks: str) -> None:
    assert page.evaluate(TICKS, [values, wanted]) == ticks.split()


@pytest.mark.parametrize(
    ("ends", "text"), [([50, 5000], "iteration"), ([49, 5000], "iteration (log)"), ([0, 101], "iteration (log)")]
)
def test_iterations_are_logarithmic_where_curves_end_more_than_two_decades_apart(
    page: Page, ends: list[int], text: str
) -> None:
    """As in the pictures that the API draws: a long descent squeezes none."""
    assert page.evaluate(ENDS, ends) == text


@pytest.mark.parametrize(
    ("status", "pause", "end"), [(0, 0, "done"), (503, 0.01, "done"), (409, 0.01, "done"), (409, 0, "refused")]
)
def test_what_may_pass_is_tried_again(page: Page, status: int, pause: float, end: str) -> None:
    """A 409 that says when: the first try, whose answer was lost, is still under way. Any other stays as it is."""
    assert page.evaluate(PATIENCE, [status, pause]) == end
