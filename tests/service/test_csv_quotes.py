"""Blocks whose quotes are regular are those that every reader of CSV understands alike."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.csv_quotes import regular

BLOCKS = {
    "no quotes": ("a,b\n", True),
    "a quoted cell": ('"a",b\n', True),
    "quoted cells at both ends": ('"a","b"\r\n"c","d"\r\n', True),
    "delimiter and line end in quotes": ('"a,\nb",c\n', True),
    "doubled quotes": ('"a ""b""",""""\n', True),
    "empty cells": ('"",""\n', True),
    "a quote inside a cell": ('5" pipe,6" pipe\n', False),
    "text behind the closing quote": ('"a"b,c\n', False),
    "a blank before the opening quote": ('a, "b"\n', False),
    "never closed": ('"a,b\n', False),
    "single quotes that are even in number": ('a"b,"c\n', False),
}


@pytest.mark.parametrize(("data", "expected"), BLOCKS.values(), ids=BLOCKS)
def test_quotes_are_regular_as_in_rfc_4180(data, expected):
    """A quoted cell begins and ends with its quotes, and holds quotes only in pairs."""
    assert regular(data.encode(), ",") is expected


@settings(max_examples=500, deadline=None)
@given(data=st.text(st.sampled_from('"",\na;'), min_size=1, max_size=20).map(lambda text: text + "\n"))
def test_regular_quotes_are_those_that_a_writer_would_set(data):
    """A block is regular when the standard library reads it in strict mode and no unquoted cell holds a quote."""
    try:
        rows = list(csv.reader(io.StringIO(data, newline=""), strict=True))
    except csv.Error:
        assert not regular(data.encode(), ",")
        return
    quotes = sum(cell.count('"') for row in rows for cell in row)
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    assert regular(data.encode(), ",") or quotes > 0
    assert regular(written.getvalue().encode(), ",")
