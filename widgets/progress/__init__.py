"""What the learner has done, kept so that neither a kill nor a second kernel loses any of it."""

from widgets.progress.database import ProgressError
from widgets.progress.store import Answer, Check, Progress

__all__ = ["Answer", "Check", "Progress", "ProgressError"]
