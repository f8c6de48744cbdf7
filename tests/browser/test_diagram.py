"""The diagram in a real JupyterLab: opened by a click and by the keyboard alone."""

import pytest
from playwright.sync_api import expect

CELLS = ["from widgets import course\ncourse.begin()", "course.diagram()"]


@pytest.fixture
def diagram(lab):
    lab.open_notebook(lab.write_notebook("diagram.ipynb", CELLS))
    lab.run_all()
    return lab.page.locator(".kit-diagram")


def test_a_click_on_a_box_says_what_it_means(lab, diagram):
    box = diagram.locator('.kd-item[data-kind=box][aria-label*="Build and Tests"]').first
    box.click()
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(diagram.locator(".kit-diagram-panel h3")).to_have_text("Build and Tests")
    lab.screenshot("diagram_box", part=diagram)


def test_the_keyboard_alone_opens_moves_and_comes_back(lab, diagram):
    diagram.locator("[data-adds]").last.focus()
    lab.page.keyboard.press("Tab")  # out of the buttons, into the picture
    focused = diagram.locator(".kd-item:focus")
    first = focused.get_attribute("data-id")
    lab.page.keyboard.press("ArrowDown")
    second = focused.get_attribute("data-id")
    assert second != first
    lab.page.keyboard.press("Enter")
    expect(diagram.locator(".kit-diagram-panel h3")).to_be_focused()
    lab.page.keyboard.press("Escape")
    expect(diagram.locator(f'.kd-item[data-id="{second}"]')).to_be_focused()
    expect(lab.page.locator(".jp-mod-editMode")).to_have_count(0)
