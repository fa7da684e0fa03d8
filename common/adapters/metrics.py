"""Prometheus metrics of the programs. Labels are route templates, methods and status codes: no tenant, no address, no person.

With several workers, each writes its counters to files (`common.web.server` names the folder) and any of them answers for all.
"""

from __future__ import annotations

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

REQUESTS = Counter("tegata_http_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "tegata_http_request_seconds",
    "Time from the first byte of a request to the last of its answer",
    ["method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
IN_WORK = Gauge("tegata_http_requests_in_work", "Requests being answered", multiprocess_mode="livesum")
CPU = Gauge("tegata_cpu_seconds", "Processor time of the program since its start", multiprocess_mode="sum")
EVENTS = Counter("tegata_events_total", "Things that happened, by name (issued, revoked, presented …)", ["event"])


def render_metrics() -> tuple[bytes, str]:
    """The metrics as Prometheus reads them: (body, media type). Sums the workers when there are several."""
    times = os.times()
    CPU.set(times.user + times.system)
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(), CONTENT_TYPE_LATEST
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
    return generate_latest(registry), CONTENT_TYPE_LATEST
