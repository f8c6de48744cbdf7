"""How far the year on its own is: `year.json`, written as a whole after each step."""

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, ValidationError

from widgets.base.content import Content
from widgets.base.errors import KitError
from widgets.base.files import write_atomic
from widgets.base.paths import Layout


class YearState(Content):
    """How far the year is.

    Attributes
    ----------
    state : str
        "running" until the policies have been compared, then "done".
    asked : datetime or None
        The end of the last hours whose passengers have asked.
    told : datetime or None
        The last moment that the loop has answered.
    requests, failed : int
        The questions asked, and those among them that nobody answered well.
    started : datetime
        When it was begun.
    seconds : float
        How long it has run since, without its interruptions.
    commit : str
        The commit of the learner's main that it runs.
    """

    state: Literal["running", "done"] = "running"
    asked: AwareDatetime | None = None
    told: AwareDatetime | None = None
    requests: int = 0
    failed: int = 0
    started: AwareDatetime
    seconds: float = 0.0
    commit: str

    def to_json(self) -> str:
        """Return it as it is kept."""
        return json.dumps(self.model_dump(), default=datetime.isoformat)


def state_file(year: Layout) -> Path:
    """Return where the state of the year is kept."""
    return year.root / "year.json"


def read_state(year: Layout) -> YearState | None:
    """Return how far the year is, or None if it has not begun.

    Raises
    ------
    KitError
        If the file is damaged: whoever wrote into it, it was not a kill.
    """
    try:
        return YearState.model_validate_json(state_file(year).read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise KitError(
            f"{state_file(year)} is damaged, so nobody knows how far the year is. Begin anew with "
            "`maturity year --again`; what is there is kept as year.old."
        ) from None


class YearFile:
    """The state of a year that is under way, kept with each change.

    Parameters
    ----------
    year : Layout
        The year's workspace.
    state : YearState
        How far it is; nothing is written before the first change.
    """

    def __init__(self, year: Layout, state: YearState) -> None:
        self._path = state_file(year)
        self._began = time.monotonic() - state.seconds
        self.state = state

    def keep(self, **changes: object) -> None:
        """Change the state and write it, as a whole or not at all."""
        used = {"seconds": round(time.monotonic() - self._began, 1)}
        self.state = self.state.model_copy(update=changes | used)
        write_atomic(self._path, self.state.to_json())
