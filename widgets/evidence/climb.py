"""The climb: what was proved, claimed and missing at each level's end is kept."""

from typing import Protocol

from widgets.evidence.assess import Assessment
from widgets.maturity import State

LEVELS = range(5)


class Notes(Protocol):
    """Where steps are kept: `widgets.progress.Progress` is one."""

    def note(self, key: str) -> object: ...

    def set_note(self, key: str, value: object) -> None: ...


def keep_step(notes: Notes, level: int, assessment: Assessment) -> None:
    """Keep what is seen at a level's end; once a later level's end was kept, it stays as it is."""
    if any(notes.note(_key(later)) for later in LEVELS if later > level):
        return
    states = {row.practice.id: row.state.value for row in assessment.practices}
    notes.set_note(_key(level), {"proved": assessment.proved_level, "states": states})


def steps(notes: Notes) -> dict[int, tuple[int, dict[str, State]]]:
    """Return what was kept: by level, the level that was proved and the states by practice."""
    found = {}
    for level in LEVELS:
        match notes.note(_key(level)):
            case {"proved": int(proved), "states": {**states}}:
                told = {str(name): State(str(word)) for name, word in states.items()}
                found[level] = proved, told
    return found


def _key(level: int) -> str:
    return f"climb.{level}"
