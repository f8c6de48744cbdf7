"""A learner without a mouse: runs the cells, looks around, answers, errs, mends and passes.

Nothing is clicked. After every key the focus is somewhere, and where a widget has it, it shows.
"""

from pathlib import Path

import yaml
from playwright.sync_api import expect

from tests.browser.conftest import SECONDS, LabPage
from tests.browser.looking import prepare
from widgets.base.paths import KIT_ROOT

CELLS = [
    "from widgets import course\ncourse.begin()",
    "course.diagram()",
    'course.exercise("1.1")',
    'course.quiz("start")',
    'course.clock("2013-03-02")',
]
SOLUTION = KIT_ROOT / "solutions" / "level_1" / "flights"
BANK = KIT_ROOT / "widgets" / "quiz" / "banks" / "start.yaml"
GOOD, BAD = "weekday=local.dt.day_of_week)", "weekday=local.dt.day_of_week + 1)"
HERE = """() => {
  const at = document.activeElement;
  const box = at.getBoundingClientRect();
  return {
    name: (at.getAttribute("aria-label") ?? at.textContent).trim(),
    lost: at === document.body || !at.isConnected,
    ours: at.closest(".kit-diagram, .kit-panel, .kit-quiz, .kit-clock") !== null,
    wrong: kitLook.hidesFocus(at),
    inside: box.bottom > 0 && box.top < innerHeight,
  };
}"""


class Hands:
    """A keyboard, and eyes that follow the focus."""

    def __init__(self, lab: LabPage) -> None:
        self._page = lab.page

    def press(self, *keys: str) -> str:
        """Press keys one after the other; return the name of what has the focus then."""
        for key in keys:
            self._page.keyboard.press(key)
            name = self.look(key)
        return name

    def look(self, after: str) -> str:
        """Return the name of what has the focus; it must be to be seen."""
        at = self._page.evaluate(HERE)
        assert not at["lost"], f"after {after} nothing has the focus"
        if at["ours"]:
            assert not at["wrong"], f"after {after}, on {at['name']!r}: {at['wrong']}"
            assert at["inside"], f"after {after} the focus is out of sight, on {at['name']!r}"
        return str(at["name"])

    def tab_to(self, name: str, key: str = "Tab") -> None:
        """Press Tab until what bears this name has the focus."""
        seen = []
        for _ in range(60):
            seen.append(self.press(key))
            if name in seen[-1]:
                return
        raise AssertionError(f"{key} does not lead to {name!r}, but to {seen}")


def test_a_notebook_is_worked_through_by_keyboard_alone(own_lab: LabPage) -> None:
    lab = own_lab  # no hint is seen and no question answered in it
    flights = lab.layout.project / "flights"
    solved = (SOLUTION / "features.py").read_text(encoding="utf-8")
    lab.open_notebook(lab.write_notebook("keyboard.ipynb", CELLS))
    prepare(lab.page)
    hands, page = Hands(lab), lab.page
    for _ in CELLS:
        hands.press("Shift+Enter")
    page.locator(".kit-clock").wait_for(timeout=60 * SECONDS)
    lay_wrong_answer(flights, solved)
    hands.press("Escape", "k", "k", "k", "k")  # up, to the diagram's cell

    # The diagram: in, to a box, into its practices, and back.
    diagram = page.locator(".kit-diagram")
    hands.tab_to("What does Level 1 add?")
    hands.press("Enter")
    hands.press("Tab", "Tab", "Tab", "Tab")
    expect(diagram.locator(".kd-item:focus")).to_be_visible()
    hands.press("ArrowDown", "Enter")
    expect(diagram.locator(".kit-diagram-panel h3")).to_be_focused()
    hands.tab_to("What it is, and what proves it")
    hands.press("Enter")
    expect(diagram.locator("details[open]").first).to_be_visible()
    hands.press("Escape")
    expect(diagram.locator(".kd-item:focus")).to_be_visible()

    # The exercise: wrong, a hint, mended in the editor, right.
    panel = page.locator(".kit-panel")
    hands.tab_to("Check")
    hands.press("Enter")
    panel.locator('[data-passed="false"]').wait_for(timeout=60 * SECONDS)
    assert hands.look("the check") == "Check"
    expect(panel.get_by_role("status")).to_contain_text("1.1")
    hands.tab_to("Hint")
    hands.press("Enter")
    panel.locator(".kit-panel-hints li").wait_for()
    assert hands.look("the hint") == "Next hint"
    hands.tab_to("Open flights/features.py", key="Shift+Tab")
    hands.press("Enter")
    editor = lab.editor("project/flights/features.py").locator(".cm-content")
    expect(editor).to_be_focused()
    hands.press("ControlOrMeta+a")
    page.keyboard.insert_text(solved)
    hands.press("ControlOrMeta+Shift+,")  # JupyterLab's key for the tabs before these
    page.wait_for_function("() => document.activeElement.closest('.jp-Notebook')")
    hands.tab_to("Check")
    hands.press("Enter")
    panel.locator('[data-passed="true"]').wait_for(timeout=60 * SECONDS)
    assert hands.look("the second check") == "Check"

    # The quiz: a wrong answer, and why.
    quiz = page.locator(".kit-quiz")
    questions = yaml.safe_load(BANK.read_text(encoding="utf-8"))["questions"]
    single = next(question for question in questions if question["type"] == "single")
    hands.tab_to(f", {single['topic']}: not answered")  # each workspace has an order of its own
    hands.press("Enter")
    expect(quiz.locator("legend")).to_be_focused()
    hands.press("Tab", "Space")
    hands.tab_to("Check answer")
    hands.press("Enter")
    expect(quiz.locator(".kit-quiz-verdict")).to_be_focused()
    expect(quiz.get_by_role("status")).not_to_be_empty()

    # The clock: its button stays where it is, and says what happened.
    clock = page.locator(".kit-clock")
    hands.tab_to("Next night")
    hands.press("Enter")
    expect(clock.get_by_role("status")).to_contain_text("now", timeout=20 * SECONDS)
    assert hands.look("the night") == "Next night"

    # Out again: before its first button stands the notebook, which has its own keys.
    hands.tab_to("Create a duplicate of this cell", key="Shift+Tab")
    hands.press("k")
    expect(page.locator(".jp-Cell:focus")).to_be_visible()


def lay_wrong_answer(flights: Path, solved: str) -> None:
    """Write a project that is right but for the weekday."""
    (flights / "features.py").write_text(solved.replace(GOOD, BAD), encoding="utf-8")
    (flights / "train.py").write_bytes((SOLUTION / "train.py").read_bytes())
