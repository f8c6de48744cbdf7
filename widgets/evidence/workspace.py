"""Names the sources of evidence in a learner's workspace and asks each collector."""

from widgets.base.paths import Layout
from widgets.evidence.code import CodeCollector
from widgets.evidence.finding import Collector, Finding
from widgets.evidence.repository import Repository
from widgets.maturity import Model


def collect_workspace(model: Model, layout: Layout) -> list[Finding]:
    """Return everything that can be seen in the workspace, read only."""
    collectors: list[Collector] = [
        CodeCollector(model, Repository(layout.origin), layout.origin / "ci"),
    ]
    return [finding for collector in collectors for finding in collector.collect()]
