"""What can be seen of a project: collectors that look, and `assess()` that says what it means.

Everything here reads; nothing is written, nothing of the project is run.
"""

from widgets.evidence.assess import Assessment, Claim, PracticeResult, assess
from widgets.evidence.finding import Collector, Finding
from widgets.evidence.mutants import ProvedTests
from widgets.evidence.workspace import collect_workspace

__all__ = [
    "Assessment",
    "Claim",
    "Collector",
    "Finding",
    "PracticeResult",
    "ProvedTests",
    "assess",
    "collect_workspace",
]
