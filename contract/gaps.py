"""Which missing cells leave their row out."""

from contract.settings import Settings


def needed_columns(settings: Settings) -> list[str]:
    """The columns that every row of the fit has a cell of; a row without one goes.

    Nothing fills a target, a weight, or the cell that says whether a row is held out: trained on by mistake, it would
    spoil the test. With ``missing`` "drop" nothing fills a feature either.
    """
    features = settings.features or [] if settings.missing == "drop" else []
    others = (settings.weight_column, settings.held_out_column)
    named = (name for name in others if name is not None)
    return list(dict.fromkeys([settings.target, *named, *features]))
