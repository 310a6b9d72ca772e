"""Compiled steps, made ready in a worker's main process before it forks: ``python -m worker.kernels`` does no more."""

from importlib.util import find_spec
from pathlib import Path
from time import monotonic

import structlog

from contract.config import read_config
from contract.logs import configure_logs
from engine.method import Kernel

log = structlog.get_logger()


def load(folder: Path) -> Kernel | None:
    """The kernel, with its code kept in `folder`; None where that cannot be or numba is absent, and NumPy does all."""
    if find_spec("numba") is None:
        log.warning("kernels_without_numba")
        return None
    from engine.kernels.load import load_kernel  # here, because importing numba takes as long as starting a worker

    started = monotonic()
    try:
        kernel = load_kernel(folder)
    except OSError:
        log.warning("kernels_cannot_be_kept", folder=str(folder), exc_info=True)
        return None
    log.info("kernels_ready", seconds=round(monotonic() - started, 2))
    return kernel


if __name__ == "__main__":
    config = read_config()
    configure_logs(config.log_level)
    load(config.cache_dir)
