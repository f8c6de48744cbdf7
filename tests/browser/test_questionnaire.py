"""The questionnaire in a real JupyterLab: by keyboard, by two people, kept over a restart."""

import yaml
from playwright.sync_api import expect

CELLS = ["from widgets import course\ncourse.begin()", "course.questionnaire()"]


def test_two_people_answer_and_see_where_they_disagree(lab):
    lab.open_notebook(lab.write_notebook("asked.ipynb", CELLS))
    lab.run_all()
    asked = lab.page.locator(".kit-asked")
    first = asked.locator("fieldset").first
    count = asked.locator(".kit-asked-count")
    expect(asked.locator("fieldset")).to_have_count(19)

    first.get_by_label("yes", exact=True).focus()  # from here on by keyboard
    lab.page.keyboard.press("Space")
    expect(count).to_have_text("me: 1 of 19 answered")
    lab.page.keyboard.press("ArrowDown")
    expect(first.get_by_label("partly")).to_be_checked()

    name = asked.get_by_label("Who answers?")
    name.fill("Bo, operations")
    name.press("Tab")
    expect(count).to_have_text("Bo, operations: 0 of 19 answered")
    expect(first.get_by_label("partly")).not_to_be_checked()
    expect(first.locator(".kit-asked-others")).to_be_hidden()
    first.get_by_label("no", exact=True).check()
    expect(first.locator(".kit-asked-others")).to_contain_text("Bo, operations: no, me: partly")
    lab.screenshot("questionnaire", part=asked)

    asked.get_by_role("button", name="Start over").click()
    asked.get_by_role("button", name="Forget 1 answer of Bo, operations").click()
    expect(count).to_have_text("Bo, operations: 0 of 19 answered")
    asked.get_by_role("button", name="Bring my answers back").click()
    expect(count).to_contain_text("1 of 19 answered")

    lab.restart_kernel()
    lab.run_all()
    expect(first.get_by_label("partly")).to_be_checked()
    file = lab.server.layout.own_project / "answers.yaml"
    kept = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert kept == {
        "me": {"version-control": "partly"},
        "Bo, operations": {"version-control": "no"},
    }
