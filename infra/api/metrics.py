"""The service's figures, and the route where Prometheus reads them.

Source: Prometheus documentation, "Metric and label naming".
"""

from __future__ import annotations

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.responses import Response

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class HttpMetrics:
    """The figures of one application.

    Args:
        registry: Where they are registered; the service's other parts add theirs to the same.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.requests = Counter(
            "bulkhead_http_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self.seconds = Histogram(
            "bulkhead_http_request_duration_seconds",
            "Time from a request's first byte to the end of its answer.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=registry,
        )
        self.running = Gauge("bulkhead_http_requests_running", "Requests that are being answered.", registry=registry)


def metrics_router(registry: CollectorRegistry) -> APIRouter:
    """The route ``/metrics``."""
    router = APIRouter(tags=["service"])

    @router.get("/metrics", response_class=Response)
    def metrics() -> Response:  # pyright: ignore[reportUnusedFunction] - FastAPI keeps it
        """The service's figures, in Prometheus' text format."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router
