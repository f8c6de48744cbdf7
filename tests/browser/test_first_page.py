"""What a learner meets first: the notebook, and nothing in front of it."""


def test_the_first_page_shows_the_notebook_without_dialog_or_pop_up(lab):
    lab.open_notebook(lab.write_notebook("first.ipynb", ["'hello'"]))
    lab.page.wait_for_timeout(3000)  # JupyterLab asks its questions late
    lab.screenshot("first_page")
    assert lab.dialogs() == []
