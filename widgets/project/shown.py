"""A report in a notebook: its table and its next steps, and as text where there is no browser."""

from html import escape
from pathlib import Path

from widgets.evidence.table import GLYPHS
from widgets.project.keep import keep_report
from widgets.project.report import Report, changes, read_report
from widgets.project.written import as_text, steps_html, table_html


class ShownReport:
    """What was found of a project.

    Parameters
    ----------
    report : Report
        What is shown.
    """

    def __init__(self, report: Report) -> None:
        self.report = report

    def __repr__(self) -> str:
        return "\n".join(as_text(self.report))

    def _repr_html_(self) -> str:
        levels = "<br>".join(escape(line) for line in self.report.levels())
        return (
            f"<p><strong>{escape(self.report.project)}</strong><br>{levels}</p>"
            f"{table_html(self.report)}<p>Next</p>{steps_html(self.report)}"
        )

    def summary(self) -> None:
        """Print a line for each practice, and the two levels."""
        for row in self.report.practices:
            print(f"{GLYPHS[row.state]} Level {row.level}  {row.title}: {row.state.value}")
        print(*self.report.levels(), sep="\n")

    def levels(self) -> None:
        """Print the two levels, each with what holds it back."""
        print(*self.report.levels(), sep="\n")

    def steps(self) -> None:
        """Print what comes next, in order."""
        for number, step in enumerate(self.report.next, 1):
            print(f"{number}. {step.title}. {step.do}")
            for each in step.exercises:
                print(f"   exercise {each}")

    def exports(self) -> None:
        """Print the commands for what the clone cannot hold."""
        for name, commands in self.report.exports.items():
            print(name, *(f"    {command}" for command in commands), sep="\n")

    def keep(self, file: Path) -> None:
        """Write the report: .html, .md or .json; an earlier one there gets another name."""
        for line in keep_report(file, self.report):
            print(line.replace(str(file), f"{file.parent.name}/{file.name}"))  # fits a page

    def since(self, file: Path) -> None:
        """Print what has changed since a report that was kept as .html or .json."""
        lines = changes(read_report(file), self.report)
        print(*(lines or ["Nothing has changed."]), sep="\n")
