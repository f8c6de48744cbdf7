"""The result as a value that can be kept, compared and written down in several forms."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from widgets.base.errors import KitError
from widgets.maturity import State, load
from widgets.project.assess import Result
from widgets.project.exports import how_to_export
from widgets.project.practices import questions

STEPS = 3
SHOWS = "Would show it: "
DATA_ID = "maturity-report"
BYTES = 5_000_000
NOTEBOOKS = {
    1: "level_1_devops_but_no_mlops",
    2: "level_2_automated_training",
    3: "level_3_automated_model_deployment",
    4: "level_4_full_mlops",
}
Exercises = Mapping[str, list[tuple[str, str]]]


class Row(BaseModel):
    """One practice in a report."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    level: int
    title: str
    state: State
    reason: str = ""
    mend: str = ""
    answers: dict[str, str] = {}
    disagree: bool = False


class Next(BaseModel):
    """A next step: what to do, why, and which exercise teaches it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    practices: list[str]
    title: str
    level: int
    do: str
    why: str
    exercises: list[str] = []
    notebook: str = ""


class Report(BaseModel):
    """A whole assessment, as it is kept."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: Literal[1] = 1
    project: str
    commit: str
    at: datetime
    proved_level: int = Field(ge=0, le=4)
    proved_held_by: str
    claimed_level: int = Field(ge=0, le=4)
    claimed_held_by: str
    practices: list[Row]
    next: list[Next]
    looked_at: list[str]
    notes: list[str]
    exports: dict[str, list[str]]

    def levels(self) -> list[str]:
        """Return the two levels, each with what holds it back."""
        told = (
            ("proved", self.proved_level, self.proved_held_by),
            ("if all claims hold", self.claimed_level, self.claimed_held_by),
        )
        return [
            f"Level {level} {words}" + (f", held back by: {held.lower()}" if held else "")
            for words, level, held in told
        ]


def report_of(result: Result, exercises: Exercises) -> Report:
    """Return a result as it is kept; the exercises are those of each practice, as (id, title)."""
    assessment = result.assessment
    rows = [
        Row(
            id=each.practice.id,
            level=each.practice.level,
            title=each.practice.title,
            state=each.state,
            reason=each.reason,
            mend=each.mend,
            answers={
                person: word.value for person, word in result.said[each.practice.id].by.items()
            },
            disagree=result.said[each.practice.id].disagree,
        )
        for each in assessment.practices
    ]
    held, claimed = assessment.proved_held_by, assessment.claimed_held_by
    return Report(
        project=result.name,
        commit=result.commit,
        at=result.at.replace(microsecond=0),
        proved_level=assessment.proved_level,
        proved_held_by=held.title if held else "",
        claimed_level=assessment.claimed_level,
        claimed_held_by=claimed.title if claimed else "",
        practices=rows,
        next=next_steps(rows, exercises),
        looked_at=list(result.looked_at),
        notes=list(result.notes),
        exports={name: list(how) for name, how in how_to_export(result.missing_exports)},
    )


def next_steps(rows: list[Row], exercises: Exercises) -> list[Next]:
    """Return the first steps, the lowest level first.

    Within a level, what is missing comes before what is claimed or cannot be seen: the first is
    work to be done, the others are work to be shown. What several practices ask for is one step.
    """
    open_ = [row for row in rows if row.state is not State.PROVED]
    order = {State.MISSING: 0, State.CLAIMED: 1, State.HIDDEN: 1}
    together: dict[str, list[Row]] = {}
    for row in sorted(open_, key=lambda row: (row.level, order[row.state])):
        together.setdefault(what_to_do(row), []).append(row)
    return [
        Next(
            practices=[row.id for row in several],
            title=", ".join(row.title for row in several),
            level=several[0].level,
            do=do,
            why=load().practice(several[0].id).why,
            exercises=[
                f"{name} {title}" for row in several for name, title in exercises.get(row.id, [])
            ],
            notebook=NOTEBOOKS[several[0].level],
        )
        for do, several in list(together.items())[:STEPS]
    ]


def what_to_do(row: Row) -> str:
    """Return the next step for a practice: the mend of what was found, else the general one."""
    asked = questions()[row.id]
    if row.mend and not row.mend.startswith(SHOWS):
        return row.mend
    if row.state is State.MISSING:
        return asked.next
    return f"Show it: {asked.shows}."


def read_report(file: Path) -> Report:
    """Return a report that was kept as JSON or as HTML.

    Raises
    ------
    KitError
        If there is none in the file.
    """
    try:
        with file.open("rb") as opened:
            text = opened.read(BYTES).decode("utf-8", errors="replace")
    except OSError as error:
        raise KitError(f"{file}: it cannot be read ({error.strerror}).") from None
    if found := re.search(
        rf'<script type="application/json" id="{DATA_ID}">(.*?)</script>', text, re.S
    ):
        text = found[1]
    try:
        told = json.loads(text)
        return Report.model_validate(told)
    except (ValueError, ValidationError, RecursionError):
        raise KitError(
            f"{file}: no report of `maturity assess` stands in it. "
            "Name one that --json or --html made."
        ) from None


def sources(report: Report) -> list[str]:
    """Return the kinds of sources that were looked at."""
    kinds = []
    for line in report.looked_at:
        kind = line.partition(":")[0]
        kinds.append("answers" if line.startswith("answers of") else kind)
    return kinds


def changes(old: Report, new: Report) -> list[str]:
    """Return what has changed from one report to another, a line each."""
    before = {row.id: row for row in old.practices}
    lines = []
    if old.project != new.project:
        lines.append(f"another project: {old.project} → {new.project}")
    then, now_ = sources(old), sources(new)
    if then != now_:
        lines.append(
            f"other sources were looked at: {', '.join(then)} → {', '.join(now_)} "
            "(so a state may differ although nothing has changed)"
        )
    for words, was, now in (
        ("proved level", old.proved_level, new.proved_level),
        ("level if all claims hold", old.claimed_level, new.claimed_level),
    ):
        if was != now:
            lines.append(f"{words}: {was} → {now}")
    for row in new.practices:
        was_state = before[row.id].state if row.id in before else State.MISSING
        if was_state is not row.state:
            lines.append(f"{row.title}: {was_state.value} → {row.state.value}")
    return lines
