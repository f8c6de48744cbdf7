"""A quiz in a real JupyterLab: answered wrong, then right, and still answered after a restart."""

import yaml
from playwright.sync_api import expect

from widgets.base.paths import KIT_ROOT

BANK = KIT_ROOT / "widgets" / "quiz" / "banks" / "start.yaml"
CELLS = ["from widgets import course\ncourse.begin()", 'course.quiz("start")']


def test_an_answer_is_explained_tried_again_and_kept(lab):
    questions = yaml.safe_load(BANK.read_text(encoding="utf-8"))["questions"]
    question = next(one for one in questions if one["type"] == "single")
    right = next(option for option in question["options"] if option.get("correct"))
    wrong = next(option for option in question["options"] if not option.get("correct"))
    lab.open_notebook(lab.write_notebook("quiz.ipynb", CELLS))
    lab.run_all()
    quiz = lab.page.locator(".kit-quiz")
    step = quiz.locator(f'.kit-quiz-step[aria-label*=", {question["topic"]}:"]')

    step.click()
    quiz.locator(".kit-quiz-option", has_text=wrong["text"]).click()
    quiz.locator(".kit-quiz-check").click()
    expect(quiz.locator(".kit-quiz-verdict.is-wrong")).to_be_visible()
    expect(quiz.locator(".kit-quiz-because").first).to_be_visible()
    lab.screenshot("quiz_wrong", part=quiz)

    quiz.locator(".kit-quiz-retry").click()
    quiz.locator("input[type=radio]").first.focus()  # from here on by keyboard
    for _ in question["options"]:
        if quiz.locator(".kit-quiz-option:has(:checked)", has_text=right["text"]).count():
            break
        lab.page.keyboard.press("ArrowDown")
    quiz.locator(".kit-quiz-check").focus()
    lab.page.keyboard.press("Enter")
    expect(quiz.locator(".kit-quiz-verdict.is-right")).to_be_visible()
    expect(step).to_have_class("kit-quiz-step is-right")
    lab.screenshot("quiz_right", part=quiz)

    lab.restart_kernel()
    lab.run_all()
    expect(step).to_have_class("kit-quiz-step is-right")
