"""The API process: ``gunicorn service.wsgi:app``. Here, and only here, it is wired together."""

from contract.config import read_config
from contract.logs import configure_logs
from service.app import create_app, start

_config = read_config()
configure_logs(_config.log_level)
app = create_app(_config)
start(app)
