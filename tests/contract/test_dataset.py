"""A dataset's document is the HTTP contract's, and is read back as it was written."""

import json

from contract.dataset import ColumnSummary, Dataset, Dialect, from_json

NUMBER = ColumnSummary("rooms", "number", 0, 3.5, 8.8, 6.28, 0.7)
CATEGORY = ColumnSummary("river", "category", 1, categories=("no", "yes"), levels=2)
MANY = ColumnSummary("id", "category", 0, levels=1001)
DATASET = Dataset("ds_x", "housing.csv", 506, 35021, "abc", Dialect(";", ","), (NUMBER, CATEGORY))


def test_the_document_has_the_fields_of_the_contract():
    """Other services are written against these names."""
    assert DATASET.to_json() == {
        "id": "ds_x",
        "name": "housing.csv",
        "rows": 506,
        "bytes": 35021,
        "sha256": "abc",
        "created_at": None,
        "expires_at": None,
        "dialect": {"delimiter": ";", "decimal": ",", "header": True, "encoding": "utf-8"},
        "warnings": [],
        "columns": [
            {"name": "rooms", "type": "number", "missing": 0, "min": 3.5, "max": 8.8, "mean": 6.28, "std": 0.7},
            {"name": "river", "type": "category", "missing": 1, "categories": ["no", "yes"]},
        ],
    }


def test_a_column_with_too_many_categories_says_so():
    """An empty list alone would look like a column without any category."""
    assert MANY.to_json() == {"name": "id", "type": "category", "missing": 0, "categories": [], "levels": 1001}


def test_a_document_is_read_back():
    """Through JSON and back nothing changes."""
    dataset = DATASET._replace(
        columns=(NUMBER, CATEGORY, MANY), warnings=({"code": "x", "detail": "y", "pointer": "/"},)
    )
    assert from_json(json.loads(json.dumps(dataset.to_json()))) == dataset
