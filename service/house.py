"""What the routes share: the held resources of one API process, reached through the Flask app."""

from threading import BoundedSemaphore
from typing import NamedTuple, cast

from flask import current_app

from contract.config import Config
from contract.hint import Hint
from contract.store import Store
from service.admission import Admission
from service.fitted import FittedModels
from service.plot_cache import Pictures
from service.waiting import Endings


class House(NamedTuple):
    """One API process: its configuration, its store, and its threads."""

    config: Config
    store: Store
    hint: Hint
    endings: Endings
    admission: Admission
    parsing: BoundedSemaphore
    pictures: Pictures
    models: FittedModels


def house() -> House:
    """The resources of the process that serves this request."""
    return cast("House", current_app.extensions["thalweg"])
