"""Gunicorn's settings for the API: ``gunicorn -c python:service.gunicorn_config service.wsgi:app``."""

from contract.config import read_config

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
