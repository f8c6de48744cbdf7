"""A report in a notebook: its table and its next steps, and as text where there is no browser."""

from html import escape
from pathlib import Path

from widgets.evidence.table import GLYPHS
from widgets.project.keep import keep_report
from widgets.project.report import Report, changes, read_report
from widgets.project.written import as_text, details, steps_html, table_html


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

    def reasons(self, *practices: str) -> None:
        """Print what was seen of practices, named by their ids, and what would show more."""
        for row in self.report.practices:
            if row.id in practices:
                print(f"{GLYPHS[row.state]} {row.title}: {row.state.value}")
                print(*(f"    {line}" for line in details(row)), sep="\n")

    def keep(self, file: str | Path) -> None:
        """Write the report: .html, .md or .json; an earlier one there gets another name."""
        file = Path(file)
        for line in keep_report(file, self.report):
            print(line.replace(str(file), f"{file.parent.name}/{file.name}"))  # fits a page

    def since(self, file: str | Path) -> None:
        """Print what has changed since the last earlier report, kept as .html or .json.

        A report that was kept again under its name lies beside it, named after its day.
        """
        file = Path(file)
        beside = sorted(file.parent.glob(f"{file.stem}_*{file.suffix}"))
        kept = [read_report(each) for each in (file, *beside) if each.exists()]
        earlier = [report for report in kept if report.at < self.report.at]
        if not earlier:
            print("No earlier report lies there: this is the first. Look again in some months.")
            return
        lines = changes(max(earlier, key=lambda report: report.at), self.report)
        print(*(lines or ["Nothing has changed."]), sep="\n")
