"""Counts the tests of a run from the JUnit files that pytest wrote during its steps."""

from pathlib import Path
from xml.etree import ElementTree

from widgets.forge.record import Counts

NAMES_KEPT = 50


def count_tests(reports: list[Path]) -> Counts:
    """Return the tests of all `reports` together; a missing or torn report has none."""
    cases: list[ElementTree.Element] = []
    for report in reports:
        try:
            # The file was written by a pytest that this run started, on this machine.
            cases += ElementTree.parse(report).getroot().iter("testcase")  # noqa: S314
        except (OSError, ElementTree.ParseError):
            continue
    failed = [case for case in cases if case.find("failure") is not None]
    errors = [
        case for case in cases if case.find("error") is not None and case.find("failure") is None
    ]
    skipped = [case for case in cases if case.find("skipped") is not None]
    names = tuple(f"{case.get('classname', '')}::{case.get('name', '')}" for case in failed)
    functions = {(case.get("classname"), str(case.get("name")).partition("[")[0]) for case in cases}
    return Counts(
        run=len(cases),
        passed=len(cases) - len(failed) - len(errors) - len(skipped),
        failed=len(failed),
        errors=len(errors),
        skipped=len(skipped),
        functions=len(functions),
        failed_names=names[:NAMES_KEPT],
    )
