"""Looks at a widget for those who read in the dark, from near by, by keyboard or by ear."""

from functools import cache
from pathlib import Path

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Locator, Page

from tests.browser.conftest import LabPage

GRAVE = ("serious", "critical")
WIDE = {"width": 1400, "height": 1000}
ZOOMED = {"width": 640, "height": 800}  # what is left of 1280 pixels at 200 %


@cache
def _scripts() -> list[str]:
    ours = Path(__file__).with_name("look.js")
    return [path.read_text(encoding="utf-8") for path in (AXE_FILE_PATH, ours)]


def prepare(page: Page) -> None:
    """Bring the instruments into a page."""
    for script in _scripts():
        page.evaluate(script)


def findings(page: Page, root: Locator, contrast_only: bool = False) -> list[str]:
    """Return what is wrong with a widget as it is shown now.

    With `contrast_only`, only what depends on the theme is looked at.
    """
    root.scroll_into_view_if_needed()
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("F7")  # no key of anybody's: after it, the browser shows where the focus is
    seen = root.evaluate(
        "async (root, part) => ({ axe: await kitLook.axe(root, part), own: [...kitLook.faint(root),"
        " ...kitLook.unmarked(root), ...(part ? [] : kitLook.cutWhenNarrow(root))] })",
        contrast_only,
    )
    found = [each["line"] for each in seen["axe"] if each["impact"] in GRAVE]
    return [*found, *seen["own"]]


def findings_in_both_themes(lab: LabPage, root: Locator) -> list[str]:
    """Return what is wrong with a widget of a notebook, light and dark."""
    found: list[str] = []
    for number, theme in enumerate(lab.in_each_theme()):
        seen = findings(lab.page, root, contrast_only=number > 0)
        found += [f"{theme}: {line}" for line in seen]
    return found
