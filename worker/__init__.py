"""The workshop: Celery workers that claim jobs, run the engine and report to Redis."""
