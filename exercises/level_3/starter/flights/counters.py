"""What the server counts, in the form that Prometheus reads.

Names and units follow Prometheus' rules: base units, `_total` for what only grows
(https://prometheus.io/docs/practices/naming/).
"""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)

disable_created_metrics()  # a second line for each counter, that nobody asks for


class Counters:
    """The counters of one server, from its start on."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, labels, registry=self.registry)

        self.requests = counter("flights_requests", "Answered requests", "path", "status")
        self.seconds = Histogram(
            "flights_request_seconds",
            "How long an answer took",
            ["path"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.predictions = counter("flights_predictions", "Flights answered for", "version")
        self.probability = counter(
            "flights_probability_sum",
            "Sum of the predicted probabilities; divided by the predictions: the mean",
            "version",
        )
        self.unseen = counter("flights_unseen", "Values that the model has never met", "column")
        self.changeovers = counter("flights_changeovers", "Changes of the model", "outcome")
        self.log_errors = counter("flights_prediction_log_errors", "Predictions not written down")
        self.model_version = Gauge(
            "flights_model_version", "The version that answers", registry=self.registry
        )
