"""What tests of the worker share."""

from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the dataset files of one module."""
    return tmp_path_factory.mktemp("datasets")
