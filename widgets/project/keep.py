"""Keeps a report as a file; one that lies there already gets another name."""

import json
from pathlib import Path

from widgets.base.errors import KitError
from widgets.base.files import set_aside, write_atomic
from widgets.project.report import Report
from widgets.project.written import as_html, as_json, as_markdown


def keep_report(file: Path, report: Report, since: Report | None = None) -> list[str]:
    """Write a report; return what was done, a line each.

    Parameters
    ----------
    file : Path
        Its ending says how it is written: .html, .json, else as Markdown.
    report, since : Report
        The report, and an earlier one if what has changed is to stand in it.

    Raises
    ------
    KitError
        If it cannot be written there.
    """
    match file.suffix.lower():
        case ".html" | ".htm":
            text = as_html(report, since)
        case ".json":
            text = json.dumps(as_json(report), indent=1, ensure_ascii=False) + "\n"
        case _:
            text = as_markdown(report, since)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        aside = set_aside(file)
        write_atomic(file, text)
    except OSError as error:
        raise KitError(f"{file}: the report cannot be written there ({error.strerror}).") from None
    return [*([f"The earlier one is now: {aside.name}"] if aside else []), f"Written: {file}"]
