"""A class: what a learner agrees to share, and what a teacher sees of it."""

from widgets.classroom.folder import Classroom, read_classroom, share, shared_before, withdraw
from widgets.classroom.shared import Shared, collect

__all__ = ["Classroom", "Shared", "collect", "read_classroom", "share", "shared_before", "withdraw"]
