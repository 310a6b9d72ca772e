"""What the operator sets: environment variables, read in one place and once, by whoever starts a process.

Every name begins with ``THALWEG_`` except ``REDIS_URL`` and ``PORT``; ``.env.example`` lists all of them.
"""

from pathlib import Path
from typing import Any, NamedTuple

from environs import Env, EnvError, validate

VERSION = "0.1.0"
MIB = 1 << 20


class Config(NamedTuple):
    """Settings of one installation; the API and all workers must be given the same.

    Sizes are bytes, times are seconds, ``storage_share`` is a part of Redis' ``maxmemory``.
    """

    redis_url: str
    data_dir: Path
    cache_dir: Path
    bind: str
    port: int
    trusted_hosts: tuple[str, ...]
    max_body: int
    body_timeout: float
    max_rows: int
    max_columns: int
    max_line: int
    max_cell: int
    json_depth: int
    parses: int
    processes: int
    threads: int
    worker_memory: int
    job_threads: int
    lease: float
    report_interval: float
    heartbeat: float
    reconcile_interval: float
    retention: float
    max_checkpoint: int
    storage_share: float
    log_level: str

    @property
    def datasets_dir(self) -> Path:
        """Folder of the dataset files, shared by the API and the workers."""
        return self.data_dir / "datasets"

    @property
    def checkpoints_dir(self) -> Path:
        """Folder of the files in which large checkpoints are kept, shared like that of the datasets."""
        return self.data_dir / "checkpoints"


def read_config() -> Config:
    """Read the configuration from the environment.

    Raises ``environs.EnvError`` that names the variable and says what it must be.
    """
    env = Env()
    redis_url, port = env.str("REDIS_URL", "redis://127.0.0.1:6379/0"), env.int("PORT", 8080, validate=_port)
    with env.prefixed("THALWEG_"):
        return _consistent(
            Config(
                redis_url=redis_url,
                data_dir=Path(env.str("DATA_DIR", "var")).resolve(),
                cache_dir=Path(env.str("CACHE_DIR", "var/cache")).resolve(),
                bind=env.str("BIND", "127.0.0.1"),
                port=port,
                trusted_hosts=tuple(env.list("TRUSTED_HOSTS", [])),
                **_limits(env),
                processes=env.int("PROCESSES", 2, validate=_positive),
                threads=env.int("THREADS", 64, validate=validate.Range(min=4)),
                worker_memory=env.int("WORKER_MEMORY", 4096 * MIB, validate=_positive),
                job_threads=env.int("JOB_THREADS", 1, validate=_positive),
                lease=env.float("LEASE", 30.0, validate=_positive),
                report_interval=env.float("REPORT_INTERVAL", 0.25, validate=_positive),
                heartbeat=env.float("HEARTBEAT", 5.0, validate=_positive),
                reconcile_interval=env.float("RECONCILE_INTERVAL", 5.0, validate=_positive),
                retention=env.float("RETENTION", 7 * 86400.0, validate=_positive),
                storage_share=env.float("STORAGE_SHARE", 0.75, validate=validate.Range(min=0.0, max=1.0)),
                log_level=env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"])),
            )
        )


def _limits(env: Env) -> dict[str, Any]:
    """What requests and checkpoints may hold, and how many uploads are parsed at a time."""
    return {
        "max_checkpoint": env.int("MAX_CHECKPOINT", 64 * MIB, validate=validate.Range(min=0)),
        "max_body": env.int("MAX_BODY", 1024 * MIB, validate=_positive),
        "body_timeout": env.float("BODY_TIMEOUT", 50.0, validate=_positive),
        "max_rows": env.int("MAX_ROWS", 100_000_000, validate=_positive),
        "max_columns": env.int("MAX_COLUMNS", 10_000, validate=_positive),
        "max_line": env.int("MAX_LINE", 4 * MIB, validate=_positive),
        "max_cell": env.int("MAX_CELL", 4096, validate=_positive),
        "json_depth": env.int("JSON_DEPTH", 20, validate=_positive),
        "parses": env.int("PARSES", 2, validate=_positive),
    }


def _consistent(config: Config) -> Config:
    """Refuse times that would make the installation fall over itself."""
    if 2 * max(config.report_interval, config.heartbeat) > config.lease:
        raise EnvError("THALWEG_LEASE must be at least twice THALWEG_REPORT_INTERVAL and twice THALWEG_HEARTBEAT.")
    return config


_positive = validate.Range(min=0, min_inclusive=False)
_port = validate.Range(min=0, max=65535)
