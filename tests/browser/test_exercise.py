"""An exercise as a learner does it: edit, check without saving, take the solution, come back."""

import pytest
from playwright.sync_api import expect

from widgets.base.paths import KIT_ROOT

CELLS = [
    "from widgets import course\ncourse.begin()",
    "course.diagram()",
    'course.exercise("1.1")',
]
FILE = "project/flights/features.py"
GOOD = "weekday=local.dt.day_of_week)"
BAD = "weekday=local.dt.day_of_week + 1)"  # the incident's bug
SOLUTION = KIT_ROOT / "solutions" / "level_1" / "flights"


@pytest.fixture
def panel(lab):
    lab.open_notebook(lab.write_notebook("exercise.ipynb", CELLS))
    lab.run_all()
    return lab.page.locator(".kit-panel")


def button(panel, name):
    return panel.get_by_role("button", name=name, exact=True)


def test_an_edited_file_is_checked_without_saving_by_hand(lab, panel):
    flights = lab.layout.project / "flights"
    solved = (SOLUTION / "features.py").read_text(encoding="utf-8")
    (flights / "features.py").write_text(solved.replace(GOOD, BAD), encoding="utf-8")
    (flights / "train.py").write_bytes((SOLUTION / "train.py").read_bytes())

    button(panel, "Open flights/features.py").click()
    assert BAD in lab.editor_text(FILE)
    button(panel, "Check").click()
    expect(panel.locator('[data-passed="false"]')).to_be_visible(timeout=60_000)
    expect(panel.locator(".kit-panel-message").first).to_contain_text("weekday")
    expect(panel.locator(".kit-panel-state")).to_contain_text("not yet")
    lab.screenshot("exercise_red")

    lab.replace_in_editor(FILE, BAD, GOOD)
    assert BAD in (flights / "features.py").read_text(encoding="utf-8"), "nothing is saved yet"
    button(panel, "Check").click()
    expect(panel.locator('[data-passed="true"]')).to_be_visible(timeout=60_000)
    assert (flights / "features.py").read_text(encoding="utf-8") == solved
    assert lab.dialogs() == []
    news = lab.page.locator(".kit-diagram-news")
    expect(news).to_contain_text("Standard environment: claimed")  # the diagram follows
    lab.screenshot("exercise_green")

    lab.restart_kernel()
    lab.run_all()
    expect(panel.locator(".kit-panel-state")).to_have_text("✓ passed")
    expect(panel.locator('[data-passed="true"]')).to_be_visible()


def test_hints_stay_and_the_solution_is_shown_after_one_question(lab, panel):
    button(panel, "Hint").click()
    button(panel, "Next hint").click()
    expect(panel.locator(".kit-panel-hints li")).to_have_count(2)
    (lab.layout.project / "flights" / "features.py").write_text("mine = 1\n", encoding="utf-8")
    button(panel, "Show solution").click()
    button(panel, "Show it").click()
    shown = panel.locator(".kit-panel-solution")
    expect(shown.locator(".kit-panel-del").first).to_have_text("-mine = 1\n")
    button(panel, "Whole files").click()
    expect(button(panel, "Whole files")).to_be_focused()
    expect(shown.locator("pre").first).to_contain_text("def build_features")
    lab.screenshot("exercise_solution_shown", part=panel)
    button(panel, "Hide solution").click()
    expect(shown).to_be_empty()
    button(panel, "Show solution").click()  # asked once, not twice
    expect(shown).not_to_be_empty()


def test_a_solution_used_while_its_file_is_open_shows_in_the_editor(lab, panel):
    file = lab.layout.project / "flights" / "features.py"
    file.write_text("# to be replaced\n", encoding="utf-8")
    button(panel, "Open flights/features.py").click()
    lab.replace_in_editor(FILE, "# to be replaced", "# mine, not saved")

    use = button(panel, "Use solution")
    use.focus()
    lab.page.keyboard.press("Enter")  # by keyboard: the safe answer has the focus
    expect(button(panel, "Keep mine")).to_be_focused()
    lab.page.keyboard.press("Escape")
    expect(use).to_be_focused()
    use.click()
    button(panel, "Use the solution").click()
    expect(panel.locator(".kit-panel-notice")).to_contain_text(".kit/copies")
    expect(lab.editor(FILE)).to_contain_text("def build_features")
    copy = panel.locator(".kit-panel-notice pre").inner_text().splitlines()[0]
    assert (lab.layout.root / copy).read_text(encoding="utf-8") == "# mine, not saved\n"

    lab.page.wait_for_timeout(1000)  # the notebook is in front again
    lab.replace_in_editor(FILE, "NUMERIC = (", "NUMERIC = (  # mine")
    lab.page.keyboard.press("Control+s")
    expect(lab.page.locator(".jp-mod-current.jp-mod-dirty")).to_have_count(0)
    assert "# mine" in file.read_text(encoding="utf-8")
    assert lab.dialogs() == []
    lab.screenshot("exercise_solution_used")


def test_step_by_step_through_the_real_notebook_nothing_asks_for_trust(fresh_lab):
    lab = fresh_lab
    # JupyterLab asks "Run Command?" before a widget opens a file, unless the notebook is trusted:
    # because every cell has run (as above), or because the kit has signed the learner's copy.
    lab.open_notebook("notebooks/level_1_devops_but_no_mlops.ipynb")
    lab.run_cell("course.begin()")
    lab.run_cell('course.exercise("1.2")')  # that no other test checks
    panel = lab.page.locator(".kit-panel")
    button(panel, "Open tests/test_features.py").click()
    expect(lab.editor("project/tests/test_features.py")).to_contain_text("TODO 1.2")
    button(panel, "Check").click()
    expect(panel.locator('[data-passed="false"]')).to_be_visible(timeout=60_000)
    assert lab.dialogs() == []


def test_a_file_in_a_hidden_folder_opens(lab):
    lab.open_notebook(lab.write_notebook("hidden.ipynb", [CELLS[0], 'course.exercise("1.4")']))
    lab.run_all()
    button(lab.page.locator(".kit-panel"), "Open .github/workflows/ci.yml").click()
    assert "TODO" in lab.editor_text("project/.github/workflows/ci.yml")
    assert lab.dialogs() == []
