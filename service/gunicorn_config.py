"""Gunicorn's settings for the API: ``gunicorn -c python:service.gunicorn_config service.wsgi:app``."""

from typing import Any

from contract.config import read_config
from service.plot_rehearsal import rehearse_picture

_config = read_config()

bind = f"{_config.bind}:{_config.port}"
worker_class = "service.patience.PatientWorker"
workers = _config.processes
threads = _config.threads
# Waiting and uploading clients hold a thread each; the backlog takes those who come while all are busy.
backlog = 2048
keepalive = 75
graceful_timeout = 10
timeout = 60
control_socket_disable = True
accesslog = None
errorlog = "-"
loglevel = "warning"


def on_starting(_server: Any) -> None:
    """Before the first fork: what drawing loads is in memory once, and no first picture waits for it."""
    rehearse_picture(_config.cache_dir / "matplotlib")
