"""What a learner meets first: the notebook, nothing in front of it, and it runs."""

from playwright.sync_api import expect

from widgets.lab.start import FIRST_NOTEBOOK

MEND = "JupyterLab's settings are missing in this environment: python lab.py setup"


def test_the_first_page_shows_the_notebook_without_dialog_or_pop_up(fresh_lab):
    lab = fresh_lab
    lab.open_notebook(FIRST_NOTEBOOK)
    lab.page.wait_for_timeout(3000)  # JupyterLab asks its questions late
    lab.screenshot("first_page")
    assert lab.dialogs() == [], MEND


def test_the_first_notebook_runs_from_top_to_bottom_and_shows_its_widgets(lab):
    lab.open_notebook(FIRST_NOTEBOOK)
    lab.run_all(seconds=120)
    for widget in (".kit-diagram", ".kit-evidence", ".kit-clock", ".kit-panel", ".kit-quiz"):
        expect(lab.page.locator(widget).first).to_be_attached()
    assert lab.dialogs() == []
