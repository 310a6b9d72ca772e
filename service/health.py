"""Health for machines that watch machines: alive, ready, metrics, workers."""

from collections.abc import Iterator
from typing import Any

from flask import Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from contract.errors import Unavailable
from contract.job import rfc3339
from contract.store_workshop import Stats
from service.admission import unbounded, unready
from service.documented import Answer, documented
from service.house import house
from service.routing import Routes, answer
from service.schemas import Query
from service.schemas_health import AliveSchema, ReadinessSchema, WorkerSchema

routes = Routes("health", __name__, description="For operators and their tools.")

METRICS = "text/plain; version=0.0.4; charset=utf-8"


@routes.route("/healthz", methods=["GET"])
@documented(Answer(200, "Alive.", AliveSchema))
@routes.arguments(Query, location="query")
def healthz(query: dict[str, Any]) -> Response:  # noqa: ARG001 - the query was checked
    """The process is alive, whatever the state of Redis."""
    return answer({"status": "alive"})


@routes.route("/readyz", methods=["GET"])
@documented(Answer(200, "Ready.", ReadinessSchema), Answer(503, "Not ready.", ReadinessSchema))
@routes.arguments(Query, location="query")
def readyz(query: dict[str, Any]) -> Response:  # noqa: ARG001 - the query was checked
    """Whether jobs can be accepted, with the reasons if not; warnings are things that an operator should mend."""
    store = house().store
    try:
        info, workers = store.workshop.server_info(), store.workshop.workers()
        reasons = unready(info, house().config.storage_share)
        warnings = ([] if workers else ["No worker was heard of lately; jobs wait in the queue."]) + unbounded(info)
    except Unavailable as error:
        reasons, warnings = [error.detail], []
    return answer({"ready": not reasons, "reasons": reasons, "warnings": warnings}, 503 if reasons else 200)


@routes.route("/metrics", methods=["GET"])
@documented(Answer(200, "Prometheus' text format.", {"type": "string"}, media="text/plain"))
@routes.arguments(Query, location="query")
def metrics(query: dict[str, Any]) -> Response:  # noqa: ARG001 - the query was checked
    """Prometheus metrics, counted in Redis at the moment of asking, so every API process answers the same."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_StatsCollector(house().store.workshop.stats()))
    return Response(generate_latest(registry), content_type=METRICS)


@routes.route("/v1/workers", methods=["GET"])
@documented(Answer(200, "The workers.", WorkerSchema(many=True)))
@routes.arguments(Query, location="query")
def list_workers(query: dict[str, Any]) -> Response:  # noqa: ARG001 - the query was checked
    """The worker processes that were heard of lately."""
    workers = house().store.workshop.workers()
    return answer([{**worker, "last_seen": rfc3339(worker["last_seen"])} for worker in workers])


class _StatsCollector(Collector):
    def __init__(self, stats: Stats) -> None:
        self._stats = stats

    def collect(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily("thalweg_jobs", "Jobs by state.", labels=["state"])
        for state, count in self._stats.states.items():
            jobs.add_metric([state], count)
        yield jobs
        yield GaugeMetricFamily("thalweg_queue_depth", "Queued jobs.", self._stats.states["queued"])
        yield GaugeMetricFamily(
            "thalweg_oldest_queued_seconds", "Age of the oldest queued job.", self._stats.oldest_queued
        )
        yield GaugeMetricFamily("thalweg_hints", "Messages in the broker's list.", self._stats.broker_length)
        yield CounterMetricFamily("thalweg_rescues", "Leases that ran out.", self._stats.counters["rescues"])
        yield CounterMetricFamily(
            "thalweg_refused_writes", "Writes with an old fence.", self._stats.counters["refused_writes"]
        )
