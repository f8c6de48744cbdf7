"""Writes a report for people: Markdown, and one HTML file that needs nothing else."""

import json
from dataclasses import replace
from functools import cache
from html import escape
from pathlib import Path

from widgets.diagram.drawing import WIDE, draw
from widgets.evidence.table import GLYPHS
from widgets.maturity import PracticeState, State, load
from widgets.project.report import DATA_ID, Report, Row, changes

REPORT = replace(WIDE, here="proved so far")
LEGEND = (
    "proved: it was seen, and the place is named. claimed: somebody says so, or a file describes "
    "it. missing: it was looked for and is not there, or all who know say no. cannot be seen from "
    "here: other sources would show it. Exports and answers are taken at their word."
)


def as_text(report: Report, since: Report | None = None) -> list[str]:
    """Return a report as lines for a terminal."""
    lines = [
        f"{report.project}, {report.at:%Y-%m-%d}",
        *(f"  {each}" for each in report.looked_at),
        "",
    ]
    for row in report.practices:
        lines.append(f"  {GLYPHS[row.state]} {row.level}  {row.title:26} {row.state.value}")
        lines += [f"        {words}" for words in details(row)]
    lines += ["", *(f"  {line}" for line in report.levels()), "", "Next"]
    for number, step in enumerate(report.next, 1):
        lines.append(f"  {number}. {step.title}: {step.do}")
        lines += [f"     exercise {each}" for each in step.exercises]
    lines += _remarks(report)
    if since is not None:
        lines += [
            "",
            f"Since {since.at:%Y-%m-%d}",
            *(f"  {each}" for each in _changed(since, report)),
        ]
    return [_printable(line) for line in lines]


def as_markdown(report: Report, since: Report | None = None) -> str:
    """Return a report as Markdown; nothing in it is taken for markup."""
    lines = [f"# MLOps maturity of {_plain(report.project)}", ""]
    lines += [f"{report.at:%Y-%m-%d}, commit `{report.commit[:10] or '–'}`", ""]
    lines += [f"- **{line}**" for line in report.levels()]
    lines += ["", "| level | practice | state | what was seen, or what would show it |"]
    lines += ["| --- | --- | --- | --- |"]
    for row in report.practices:
        told = _plain(". ".join(details(row)))
        lines.append(
            f"| {row.level} | {row.title} | {GLYPHS[row.state]} {row.state.value} | {told} |"
        )
    lines += ["", LEGEND, "", "## Next steps", ""]
    for number, step in enumerate(report.next, 1):
        taught = f" (exercise {', '.join(step.exercises)})" if step.exercises else ""
        lines.append(f"{number}. **{step.title}**, Level {step.level}: {_plain(step.do)}{taught}")
        lines.append(f"   {_plain(step.why)}")
    if since is not None:
        lines += ["", f"## Since {since.at:%Y-%m-%d}", ""]
        lines += [f"- {_plain(each)}" for each in _changed(since, report)]
    lines += ["", "## What was looked at", "", *(f"- {_plain(each)}" for each in report.looked_at)]
    lines += [f"- {_plain(note)}" for note in report.notes]
    for name, commands in report.exports.items():
        which = ". GitHub or GitLab:" if len(commands) > 1 else ":"
        lines += ["", f"`{name}` would show more, in the folder of --exports{which}"]
        lines += ["", "```", *commands, "```"]
    return "\n".join(lines) + "\n"


def as_html(report: Report, since: Report | None = None) -> str:
    """Return a report as one HTML file: its picture, table and data are in it."""
    states = {row.id: PracticeState(row.state, row.reason, row.mend) for row in report.practices}
    data = report.model_dump_json().replace("<", "\\u003c")
    levels = "".join(f"<p class='level'>{escape(line)}</p>" for line in report.levels())
    title = f"MLOps maturity of {escape(report.project)}"
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<style>{_style()}</style></head><body><main><h1>{title}</h1>"
        f"<p>{report.at:%Y-%m-%d}, commit <code>{escape(report.commit[:10] or '–')}</code></p>"
        f"{levels}<figure>{draw(load(), states, REPORT)}"
        "<figcaption class='small'>What stands in italics are the model's words for a level, not "
        "findings about this project.</figcaption></figure>"
        f"<h2>Next steps</h2>{steps_html(report)}{_since(since, report)}"
        f"{table_html(report)}<p class='small'>{escape(LEGEND)}</p><h2>What was looked at</h2><ul>"
        + "".join(f"<li>{escape(each)}</li>" for each in (*report.looked_at, *report.notes))
        + f"</ul>{_commands(report)}"
        f'<script type="application/json" id="{DATA_ID}">{data}</script></main></body></html>\n'
    )


def table_html(report: Report) -> str:
    """Return the practices as a table."""
    rows = "".join(
        f"<tr class='{row.state.name.lower()}'><td>{row.level}</td><th scope='row'>"
        f"{escape(row.title)}</th><td>{GLYPHS[row.state]} {escape(row.state.value)}</td><td>"
        f"{'<br>'.join(escape(each) for each in details(row))}</td></tr>"
        for row in report.practices
    )
    return (
        "<table><caption>Practice by practice</caption><thead><tr><th>Level</th><th>Practice</th>"
        "<th>State</th><th>What was seen, or what would show it</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def steps_html(report: Report) -> str:
    """Return the next steps as a list."""
    steps = "".join(
        f"<li><strong>{escape(step.title)}</strong> (Level {step.level}): {escape(step.do)}"
        f"<br><em>{escape(step.why)}</em>"
        + "".join(f"<br>Taught by exercise {escape(each)}" for each in step.exercises)
        + f" (<code>notebooks/{step.notebook}.ipynb</code>)</li>"
        for step in report.next
    )
    return f"<ol>{steps}</ol>"


def _since(since: Report | None, report: Report) -> str:
    if since is None:
        return ""
    items = "".join(f"<li>{escape(each)}</li>" for each in _changed(since, report))
    return f"<h2>Since {since.at:%Y-%m-%d}</h2><ul>{items}</ul>"


def _changed(since: Report, report: Report) -> list[str]:
    return changes(since, report) or ["nothing has changed"]


def _commands(report: Report) -> str:
    if not report.exports:
        return ""
    parts = "".join(
        f"<h3><code>{escape(name)}</code></h3><pre>{escape(chr(10).join(commands))}</pre>"
        for name, commands in report.exports.items()
    )
    return f"<h2>What would show more</h2><p>Put these files into one folder: --exports.</p>{parts}"


def details(row: Row) -> list[str]:
    """Return what is to be said of a practice, in sentences."""
    told = [row.reason]
    if row.state is not State.PROVED:
        told.append(row.mend)
    if row.answers and not row.reason.startswith("answered"):
        said = ", ".join(f"{person}: {word}" for person, word in sorted(row.answers.items()))
        told.append(f"{'People disagree' if row.disagree else 'People say'} ({said})")
    return [each.removesuffix(".") for each in told if each]


def _remarks(report: Report) -> list[str]:
    lines = ["", *(f"  Note: {note}" for note in report.notes)] if report.notes else []
    for name, commands in report.exports.items():
        lines += ["", f"  {name} would show more; into a folder for --exports:"]
        lines += [f"    {command}" for command in commands]
    return lines


def _plain(text: str) -> str:
    """Return a text in which nothing is markup, on one line."""
    flat = _printable(text)
    for sign in "\\`*_[]<>|#":
        flat = flat.replace(sign, f"\\{sign}")
    return flat


def _printable(text: str) -> str:
    """Return a text without signs that would steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


@cache
def _style() -> str:
    return Path(__file__).with_name("report.css").read_text(encoding="utf-8")


def as_json(report: Report) -> object:
    """Return a report as a program reads it."""
    told: object = json.loads(report.model_dump_json())
    return told
