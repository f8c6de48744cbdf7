"""The evidence as a table in a notebook, and as text where there is no browser."""

from html import escape

from widgets.evidence.assess import Assessment, PracticeResult
from widgets.maturity import State, words_of

GLYPHS = {State.PROVED: "●", State.CLAIMED: "◐", State.MISSING: "○", State.HIDDEN: "?"}


class EvidenceTable:
    """Practice by practice: the state, what was seen and where, and what would prove it.

    Parameters
    ----------
    assessment : Assessment
        What is shown.
    upto : int
        The highest level whose practices are shown.
    """

    def __init__(self, assessment: Assessment, upto: int = 4) -> None:
        self._assessment = assessment
        self._rows = [row for row in assessment.practices if row.practice.level <= upto]

    def __repr__(self) -> str:
        lines = [
            f"{GLYPHS[row.state]} Level {row.practice.level}  {row.practice.title}: {_state(row)}"
            for row in self._rows
        ]
        return "\n".join([*lines, *self._levels()])

    def _repr_html_(self) -> str:
        rows = "".join(
            "<tr>"
            f"<td>{row.practice.level}</td>"
            f"<td style='text-align:left'>{escape(row.practice.title)}</td>"
            f"<td style='text-align:left;white-space:nowrap'>{GLYPHS[row.state]} "
            f"{escape(words_of(row))}</td>"
            f"<td style='text-align:left'>{escape(_because(row))}</td>"
            "</tr>"
            for row in self._rows
        )
        levels = "<br>".join(escape(line) for line in self._levels())
        return (
            "<table class='kit-evidence'><caption style='text-align:left'>Evidence, practice by "
            "practice</caption><thead><tr><th>Level</th><th style='text-align:left'>Practice</th>"
            "<th style='text-align:left'>State</th><th style='text-align:left'>What was seen, or "
            f"what would prove it</th></tr></thead><tbody>{rows}</tbody></table><p>{levels}</p>"
        )

    def _levels(self) -> list[str]:
        lines = []
        for words, level, held in (
            ("Proved", self._assessment.proved_level, self._assessment.proved_held_by),
            (
                "If all claims hold",
                self._assessment.claimed_level,
                self._assessment.claimed_held_by,
            ),
        ):
            back = f" (held back by: {held.title.lower()})" if held else ""
            lines.append(f"{words}: Level {level}{back}")
        return lines


def _state(row: PracticeResult) -> str:
    because = _because(row)
    return f"{words_of(row)}: {because}" if because else words_of(row)


def _because(row: PracticeResult) -> str:
    parts = (row.reason,) if row.state is State.PROVED else (row.reason, row.mend)
    return ". ".join(part.removesuffix(".") for part in parts if part)
