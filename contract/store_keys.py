"""All names in Redis are born here. The Lua texts in ``contract/moves`` know the keys by the names in ``KEYS``.

An order is a number from the counter ``sequence``: of a job's or sweep's acceptance, a job's ending, or a dataset's
upload.
"""

from collections.abc import Mapping

from contract.job import STATES

QUEUE = "thalweg"  # the broker's list of hints
ENDED = "thalweg:ended"  # channel: ids of jobs and sweeps that ended
TURN = "thalweg:turn:"  # string, by task: somebody does the task now; gone by itself

SEQUENCE = "thalweg:sequence"  # string
COUNTS = "thalweg:counters"  # hash of what went wrong

JOB = "thalweg:job:"  # hash, by id: the record
HISTORY = "thalweg:history:"  # string, by id: packed float64 rows (engine/history.py)
MODEL = "thalweg:model:"  # string, by id: the fitted model as compressed JSON (contract/model.py)
CHECKPOINT = "thalweg:checkpoint:"  # string, by id: where the job goes on, or a continued one (checkpoint_file.py)
BASE = "thalweg:base:"  # string, by id of a live job: the history rows of the job that it continues
DEAD_CHECKPOINTS = "thalweg:dead_checkpoints"  # set: names of checkpoints' files that no job has any more
JOBS = "thalweg:jobs"  # zset of all jobs that are part of no sweep by order of acceptance
INDEXES = {state: f"thalweg:{state}" for state in STATES}  # zset of the jobs in each state by order of acceptance
LEASES = "thalweg:leases"  # zset of running jobs by end of lease
LABEL = "thalweg:label:"  # zset, by "key:value": the jobs with this label by order of acceptance
ENDINGS = "thalweg:endings"  # zset of terminal jobs by order of ending
JOB_EXPIRY = "thalweg:job_expiry"  # zset of terminal jobs that are part of no sweep by when they go

SWEEP = "thalweg:sweep:"  # hash, by id: the record
SWEEP_JOBS = "thalweg:sweep_jobs:"  # zset, by sweep: its jobs by order of acceptance
SWEEP_OPEN = "thalweg:sweep_open:"  # set, by sweep: its queued and running jobs
SWEEPS = "thalweg:sweeps"  # zset of all sweeps by order of acceptance
SWEEP_EXPIRY = "thalweg:sweep_expiry"  # zset of sweeps that have ended by when they and their jobs go

DATASET = "thalweg:dataset:"  # hash, by id: its document and times
USERS = "thalweg:dataset_users:"  # set, by dataset: queued and running jobs that use it
DATASETS = "thalweg:datasets"  # zset of all datasets by order of upload
DATASET_EXPIRY = "thalweg:dataset_expiry"  # zset of all datasets by when they go

REPLAY = "thalweg:replay:"  # hash, by digest of an idempotency key: what it made; gone by itself

WORKERS = "thalweg:workers"  # hash: worker id -> document
PRESENCE = "thalweg:presence"  # zset of workers by when they were last heard of

KEYS: Mapping[str, str] = {
    **INDEXES,
    "sequence": SEQUENCE,
    "counters": COUNTS,
    "job_stem": JOB,
    "history_stem": HISTORY,
    "model_stem": MODEL,
    "checkpoint_stem": CHECKPOINT,
    "base_stem": BASE,
    "dead_checkpoints": DEAD_CHECKPOINTS,
    "jobs": JOBS,
    "label_stem": LABEL,
    "leases": LEASES,
    "endings": ENDINGS,
    "job_expiry": JOB_EXPIRY,
    "sweep_stem": SWEEP,
    "sweep_jobs_stem": SWEEP_JOBS,
    "sweep_open_stem": SWEEP_OPEN,
    "sweeps": SWEEPS,
    "sweep_expiry": SWEEP_EXPIRY,
    "dataset_stem": DATASET,
    "users_stem": USERS,
    "datasets": DATASETS,
    "dataset_expiry": DATASET_EXPIRY,
    "replay_stem": REPLAY,
    "workers": WORKERS,
    "presence": PRESENCE,
    "ended": ENDED,
}
