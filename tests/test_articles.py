"""Every settings file of the tutorial's examples is used by the tutorial, whose commands a test runs."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ARTICLES = sorted((ROOT / "examples" / "articles").glob("*.json"))


@pytest.mark.parametrize("article", ARTICLES, ids=lambda path: path.stem)
def test_the_tutorial_runs_it(article: Path) -> None:
    """It is shown, and posted by the command that follows."""
    commands = (ROOT / "docs" / "tutorial.md").read_text().split("$ ")
    shown = commands.index(next(one for one in commands if one.startswith(f"cat examples/articles/{article.name}\n")))
    assert f"examples/articles/{article.name}" in commands[shown + 1].split("\n")[0]
    assert commands[shown + 1].startswith("curl ")
