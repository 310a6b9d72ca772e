"""The Flask app: configuration in, routes and error handling wired, nothing started at import."""

import gc
import secrets
import time
from http import HTTPStatus
from threading import BoundedSemaphore

import pyarrow as pa
import structlog
from flask import Flask, Response, g, request

from contract.config import VERSION, Config
from contract.dataset_file import tidy_dead
from contract.hint import hint_maker
from contract.redis_client import connect
from contract.store import Store
from service import (
    catalogue,
    continuing,
    datasets,
    docs,
    health,
    job_lists,
    jobs,
    models,
    page,
    plots,
    predictions,
    sweep_plots,
    sweeps,
)
from service.addresses import check_address, check_origin
from service.admission import Admission
from service.errors import register_errors
from service.fitted import FittedModels
from service.house import House
from service.plot_cache import Pictures
from service.rehearsal import rehearse
from service.routing import ProblemApi
from service.waiting import Endings

log = structlog.get_logger()

ABOUT = {
    "info": {
        "description": "Gradient descent as jobs: a CSV and settings in, fitted parameters and the cost history out. "
        "Refusals are problem+json (RFC 9457); only what is no HTTP, or has a line or headers beyond all bounds, "
        "is refused in HTML, by the server before this API sees it (400, 414, 431).",
        "license": {"name": "MIT", "identifier": "MIT"},
    },
    "servers": [{"url": "/"}],
}


def create_app(config: Config) -> Flask:
    """The API of one installation. ``house.start`` must run in the process that serves it."""
    app = Flask("service", static_folder=None)
    app.config.update(API_TITLE="Thalweg", API_VERSION=VERSION, OPENAPI_VERSION="3.1.1", API_SPEC_OPTIONS=ABOUT)
    app.url_map.merge_slashes = False  # a path with // is no path of ours, and its redirect would be HTML
    app.extensions["thalweg"] = _house(config)
    app.before_request(_begin)
    app.after_request(_end)
    api = ProblemApi(app)
    register_errors(app)
    data, about = (datasets, jobs, continuing, job_lists, models, sweeps), (catalogue, health, docs, page)
    for resource in (*data, plots, sweep_plots, predictions, *about):
        api.register_blueprint(resource.routes)
    return app


def _house(config: Config) -> House:
    store = Store.of(config, connect(config.redis_url))
    return House(
        config=config,
        store=store,
        hint=hint_maker(),
        endings=Endings(config.redis_url, seats=config.threads // 2),
        admission=Admission(store, config.storage_share),
        parsing=BoundedSemaphore(config.parses),
        pictures=Pictures(seats=max(config.threads // 8, 1)),
        models=FittedModels(store),
    )


def start(app: Flask) -> None:
    """Start the threads of this process; after the fork of a server that forks."""
    house: House = app.extensions["thalweg"]
    house.config.datasets_dir.mkdir(parents=True, exist_ok=True)
    tidy_dead(house.config.datasets_dir)
    house.endings.start()
    # Arrow's own allocator gives memory back and faults it in again for each small file.
    pa.set_memory_pool(pa.system_memory_pool())
    rehearse(house.config)
    # What is loaded now stays: a full collection through it took 33 ms of some request's time.
    gc.collect()
    gc.freeze()


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    usable = given.isascii() and given.isprintable() and 0 < len(given) <= 100
    g.request_id, g.started = given if usable else secrets.token_hex(8), time.perf_counter()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    check_address(request)
    check_origin(request)


def _end(response: Response) -> Response:
    if request.method == "OPTIONS" and response.status_code == HTTPStatus.OK:
        # Flask's own answer says all that it says in Allow, and calls its empty body HTML.
        response.status_code = HTTPStatus.NO_CONTENT
        del response.headers["Content-Type"]
    response.headers["X-Request-ID"] = g.request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    milliseconds = round(1000 * (time.perf_counter() - g.started), 3)
    log.info("request", method=request.method, path=request.path, status=response.status_code, ms=milliseconds)
    structlog.contextvars.clear_contextvars()
    return response
