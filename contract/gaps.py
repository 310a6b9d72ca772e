"""Which missing cells leave their row out."""

from contract.settings import Settings


def needed_columns(settings: Settings) -> list[str]:
    """The columns that every row of the fit has a cell of; a row without one goes.

    Nothing fills a target or a weight, and with ``missing`` "drop" nothing fills a feature. A missing cell in the
    column that says what is held out drops no row: it is held out nowhere.
    """
    features = settings.features or [] if settings.missing == "drop" else []
    weights = [] if settings.weight_column is None else [settings.weight_column]
    return list(dict.fromkeys([settings.target, *weights, *features]))
