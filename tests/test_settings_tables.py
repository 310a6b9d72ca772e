"""The README's tables of settings say what the schema says: every field, every name, every default."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.function_settings import FunctionSettings
from contract.settings import Settings, load_settings
from contract.starts import MOST_STARTS
from engine.expression_text import CONSTANTS, DEEPEST, MOST_CHARACTERS, MOST_NODES
from engine.named_functions import NAMED_FUNCTIONS
from engine.operations import FUNCTIONS
from service.catalogue import catalogue

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
NAME = re.compile(r"`(\w+)`")
MEMBER = re.compile(r"`(\w+)` ([^,]+)")
# Defaults that no settings document can say, or that depend on other settings.
IN_WORDS = {"target", "dataset", "features", "loss", "steps_per_iteration", "initial", "max_iterations"}


def rows(head: str) -> Iterator[list[str]]:
    """The cells of the table whose first column has this heading."""
    table = re.search(rf"^\| {head} \|.*\n\|[-|]+\n((?:\|.*\n)+)", README, re.MULTILINE)
    assert table is not None, f"The README has no table of {head}."
    for line in table[1].splitlines():
        yield [cell.strip() for cell in line.strip("|").split(" | ")]


def defaults(cell: str) -> list[Any]:
    """The JSON values of a cell, in order; text that is none is None's own words."""
    decoder, found, text = json.JSONDecoder(), [], cell.replace("`", "")
    while text:
        try:
            value, end = decoder.raw_decode(text)
        except json.JSONDecodeError:
            value, end = None, (text + ",").index(",")
            value = text[:end]
        found.append(value)
        text = text[end:].split(", ", 1)[1] if ", " in text[end:] else ""
    return found


def test_every_field_is_in_the_table() -> None:
    named = [name for row in rows("field") for name in NAME.findall(row[0])]
    assert sorted(named) == sorted(Settings._fields)


def test_every_field_of_a_function_job_is_in_its_table() -> None:
    named = [name for row in rows("field of a function job") for name in NAME.findall(row[0])]
    assert sorted(named) == sorted(FunctionSettings._fields)


def test_every_function_of_an_expression_and_every_known_one_is_named() -> None:
    section = README[README.index("### A function") : README.index("## Routes")]
    assert set(NAME.findall(section)) >= {*FUNCTIONS, *CONSTANTS, *NAMED_FUNCTIONS}
    assert all(f"{most} " in section for most in (MOST_CHARACTERS, MOST_NODES, DEEPEST, MOST_STARTS))


def test_the_defaults_of_the_table_are_those_of_the_schema() -> None:
    shown = load_settings({"target": "y"}).to_json()
    compared = set()
    for names, values, *_ in rows("field"):
        for name, value in zip(NAME.findall(names), defaults(values), strict=False):
            if name not in IN_WORDS:
                expected = shown[name]["name"] if name in ("model", "penalty") else shown[name]
                assert (name, value) == (name, expected)
                compared.add(name)
    assert compared == set(Settings._fields) - IN_WORDS


@pytest.mark.parametrize(
    ("head", "section"),
    [
        ("model", "models"),
        ("loss", "losses"),
        ("penalty", "penalties"),
        ("optimizer", "optimizers"),
        ("schedule", "schedules"),
    ],
)
def test_the_kinds_of_the_table_are_those_of_the_catalogue(head: str, section: str) -> None:
    """Their names in that order, and the members with their defaults."""
    written = {
        name: {member: "required" if value == "required" else json.loads(value.strip("`")) for member, value in found}
        for names, cell, *_ in rows(head)
        for found in [MEMBER.findall(cell)]
        for name in NAME.findall(names)
    }
    known = {
        entry["name"]: {one["name"]: "required" if one["required"] else one["default"] for one in entry["parameters"]}
        for entry in catalogue()[section]
    }
    assert written == known
