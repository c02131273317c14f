"""What a process counts of itself for those who watch it; no label holds what somebody sent.

Labels are names the lender or this software gave: products, model versions, verdicts, templates of
addresses, statuses. So the number of series has an end, and nobody's data is among them.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from solvent.errors import StoreError

if TYPE_CHECKING:
    from solvent.app.bootstrap import Service

CONTENT_TYPE: Final = prometheus_client.CONTENT_TYPE_PLAIN_0_0_4
SECONDS: Final = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
)  # fmt: skip
PD: Final = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0)
SHARED: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SECOND: Final = 1_000_000


class Figures:
    """Counters of one process, in a registry of their own.

    Args:
        service: Whose store is looked at when somebody asks.
    """

    def __init__(self, service: Service) -> None:
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # theirs
        self.registry: Final = CollectorRegistry(auto_describe=False)
        own = self.registry
        self.requests: Final = Counter(
            "solvent_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=own,
        )
        self.seconds: Final = Histogram(
            "solvent_request_seconds", "Seconds until a request was answered.", ("route",),
            buckets=SECONDS, registry=own,
        )  # fmt: skip
        self.decisions: Final = Counter(
            "solvent_decisions",
            "Decisions made and kept.",
            ("product", "verdict"),
            registry=own,
        )
        self.pd: Final = Histogram(
            "solvent_decision_pd", "Probability of default of decisions.",
            ("product", "model_version"), buckets=PD, registry=own,
        )  # fmt: skip
        self.commits: Final = Histogram(
            "solvent_commit_decisions",
            "Decisions that shared one commit.",
            buckets=SHARED,
            registry=own,
        )
        build = Gauge("solvent_build_info", "What runs.", ("version", "python"), registry=own)
        build.labels(version("solvent"), platform.python_version()).set(1)
        ProcessCollector(registry=own)
        own.register(_OfStore(service))

    def decided(self, product: str, model_version: int, verdict: str, pd: float) -> None:
        """Count a decision.

        Args:
            product: Name of the product.
            model_version: Of the model that decided.
            verdict: approve, refer or decline.
            pd: Probability of default, in [0, 1].
        """
        self.decisions.labels(product, verdict).inc()
        self.pd.labels(product, str(model_version)).observe(pd)

    def text(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return prometheus_client.generate_latest(self.registry)


class _OfStore(Collector):
    """What the store tells when it is asked; where it cannot be read, that it cannot."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the figures of now."""
        service = self._service
        yield _gauge("solvent_products_live", "Products that can decide.", len(service.live))
        yield _gauge(
            "solvent_products_not_live", "Products that cannot decide.", len(service.not_live)
        )
        try:
            found = [*self._read()]
        except StoreError:
            found = []
        yield _gauge("solvent_store_up", "1 where the store can be read.", int(bool(found)))
        yield from found

    def _read(self) -> Iterator[GaugeMetricFamily]:
        service = self._service
        now = service.now()
        backlog = service.jobs.backlog()
        yield _gauge("solvent_jobs_waiting", "Background jobs that wait.", backlog.waiting)
        yield _gauge("solvent_jobs_running", "Background jobs that run.", backlog.running)
        age = 0 if backlog.oldest is None else max(0, now - backlog.oldest)
        yield _gauge(
            "solvent_jobs_oldest_seconds", "Seconds since the oldest waiting job was asked for.",
            age / SECOND,
        )  # fmt: skip
        yield _gauge(
            "solvent_batch_rows_waiting", "Applications of batches without a result yet.",
            service.batches.waiting_rows(),
        )  # fmt: skip
        yield _gauge(
            "solvent_audit_entries", "Entries of the audit.", service.audit.checkpoint().number
        )
        noted = service.last_checkpoint()
        if noted is not None:
            yield _gauge(
                "solvent_audit_checkpoint_age_seconds",
                "Seconds since a checkpoint of the audit was written; absent before the first.",
                max(0, now - noted.at) / SECOND,
            )
            yield _gauge(
                "solvent_audit_checkpoint_entries", "Entries the newest checkpoint covers.",
                noted.number,
            )  # fmt: skip


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, value=value)
