"""The live dashboard of the model server, from the clients' log and the learner's event log."""

from widgets.dashboard.dashboard import Dashboard
from widgets.dashboard.feed import Axis

__all__ = ["Axis", "Dashboard"]
