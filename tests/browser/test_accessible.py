"""Every widget for everybody: axe's rules, contrast, focus and 200 % zoom, in both themes.

One notebook holds all widgets; each test takes one of them through its states.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import SECONDS, LabPage, Server
from tests.browser.looking import (
    WIDE,
    ZOOMED,
    findings,
    findings_in_both_themes,
    prepare,
)
from tests.browser.test_dashboard import Clients
from tests.browser.test_server import SERVE
from widgets.base.paths import KIT_ROOT
from widgets.cli import main
from widgets.services.status import process_of, read_told

CELLS = [
    "from widgets import course\ncourse.begin()",
    "course.diagram()",
    'course.exercise("1.1")',
    'course.quiz("start")',
    "course.questionnaire()",
    'course.clock("2013-03-02")',
    "course.server()",
    "course.mlflow()",
    'course.mlflow("models/none-of-this-name")',
    "course.evidence()",
    "course.assess(course.workspace())",
    "course.dashboard_figure()",
    "course.dashboard()",
]
BANK = KIT_ROOT / "widgets" / "quiz" / "banks" / "start.yaml"
WAITING = KIT_ROOT / "widgets" / "mlflow_ui" / "waiting.html"
States = Iterator[tuple[str, Locator]]


@pytest.fixture(scope="module")
def shelf(own_server: Server, browser: Browser) -> Iterator[LabPage]:
    """A notebook with every widget, run; passengers ask while it is open."""
    clients = Clients(own_server.layout)
    page = browser.new_page(viewport=WIDE, reduced_motion="reduce")
    page.set_default_timeout(20 * SECONDS)
    lab = LabPage(page, own_server)
    lab.open_notebook(lab.write_notebook("shelf.ipynb", CELLS))
    lab.run_all(seconds=120)
    prepare(page)
    clients.start()
    yield lab
    clients.stop()
    page.close()


def diagram(lab: LabPage) -> States:
    root = lab.page.locator(".kit-diagram")
    yield "as it opens", root
    root.get_by_role("button", name="What does Level 2 add?").click()
    yield "what Level 2 adds", root
    root.locator(".kd-item[data-kind=box]").first.click()
    root.locator("summary").first.click()
    yield "a box", root
    root.locator(".kd-item[data-kind=step]").first.click()
    yield "a step", root


def quiz(lab: LabPage) -> States:
    root = lab.page.locator(".kit-quiz")
    questions = yaml.safe_load(BANK.read_text(encoding="utf-8"))["questions"]
    kinds = {question["type"]: question for question in reversed(questions)}
    assert any("image" in question for question in kinds.values())
    for kind, question in kinds.items():
        root.locator(f'.kit-quiz-step[aria-label*=", {question["topic"]}:"]').click()
        yield f"{kind}, asked", root
        if question["type"] == "number":
            root.get_by_role("textbox").fill("7")
        elif question["type"] != "order":
            root.locator(".kit-quiz-option input").first.check()
        root.locator(".kit-quiz-check").click()
        root.locator(".kit-quiz-verdict").wait_for()
        yield f"{kind}, answered", root
    root.locator(".kit-quiz-step.is-summary").click()
    yield "summary", root


def exercise(lab: LabPage) -> States:
    root = lab.page.locator(".kit-panel")
    root.get_by_text("What the check asks for").click()
    root.get_by_text("Every feature has the notebook's values").wait_for()
    yield "before", root
    root.get_by_role("button", name="Check", exact=True).click()
    root.locator('[data-passed="false"]').wait_for(timeout=60 * SECONDS)
    yield "not yet", root
    root.get_by_role("button", name="Hint").click()
    root.locator(".kit-panel-hints li").wait_for()
    root.get_by_role("button", name="Show solution").click()
    yield "asked again", root
    root.get_by_role("button", name="Show it").click()
    root.locator(".kit-panel-solution pre").first.wait_for()
    yield "hint and solution", root
    root.get_by_role("button", name="Use solution").click()
    root.get_by_role("button", name="Use the solution").click()
    root.locator(".kit-panel-notice pre").wait_for()
    root.get_by_role("button", name="Check", exact=True).click()
    root.locator('[data-passed="true"]').wait_for(timeout=60 * SECONDS)
    yield "passed", root


def questionnaire(lab: LabPage) -> States:
    root = lab.page.locator(".kit-asked")
    root.get_by_label("partly").first.check()
    name = root.get_by_label("Who answers?")
    name.fill("Bo")
    name.press("Tab")
    expect(root.locator(".kit-asked-count")).to_contain_text("Bo")
    root.get_by_label("no", exact=True).first.check()
    root.locator(".kit-asked-others").first.wait_for()
    root.get_by_role("button", name="Start over").click()
    yield "two people disagree", root


def clock(lab: LabPage) -> States:
    root = lab.page.locator(".kit-clock")
    yield "before", root
    root.get_by_role("button", name="Advance to").click()
    root.get_by_role("button", name="is reached").wait_for()
    yield "reached", root


def model_server(lab: LabPage) -> States:
    root = lab.page.locator(".kit-server")
    package = lab.layout.project / "flights"
    package.mkdir(parents=True, exist_ok=True)
    (package / "serve.py").write_text(SERVE)
    yield "off", root
    root.get_by_role("button").click()
    expect(root.get_by_role("status")).to_have_text(re.compile("It answers at"))
    yield "running", root
    running = process_of(read_told(lab.layout))
    assert running is not None
    running.kill()
    root.locator(".kit-server-log").wait_for()
    yield "ended by itself", root


def mlflow(lab: LabPage) -> States:
    yield "open", lab.page.locator(".kit-mlflow").first
    yield "nothing there", lab.page.locator(".kit-mlflow").last


def tables(lab: LabPage) -> States:
    yield "evidence", output_of(lab, ".kit-evidence")
    yield "assessment", output_of(lab, "caption:text('Practice by practice')")


def figure(lab: LabPage) -> States:
    yield "stands still", output_of(lab, "img")


def dashboard(lab: LabPage) -> States:
    root = lab.page.locator(".kit-dashboard")
    expect(root.locator("svg.kb")).to_contain_text("v7 deployed")
    root.get_by_text("The same as a table").click()
    yield "live", root
    root.get_by_role("radio").last.check()
    root.get_by_role("button", name="Pause").click()
    yield "days, paused", root


def output_of(lab: LabPage, part: str) -> Locator:
    """Return the whole output of a cell in which a part is shown."""
    return lab.page.locator(".jp-OutputArea-output", has=lab.page.locator(part)).last


@pytest.mark.parametrize(
    "states",
    [
        dashboard,  # the first: what it shows goes by
        diagram,
        quiz,
        exercise,
        questionnaire,
        clock,
        model_server,
        mlflow,
        tables,
        figure,
    ],
)
def test_a_widget_can_be_used_by_everybody(
    shelf: LabPage, states: Callable[[LabPage], States]
) -> None:
    found = []
    for state, root in states(shelf):
        found += [f"{state}: {line}" for line in findings_in_both_themes(shelf, root)]
    assert not found, "\n" + "\n".join(found)


def test_nothing_is_cut_off_at_200_percent(shelf: LabPage) -> None:
    found = []
    shelf.page.set_viewport_size(ZOOMED)
    for part in (".kit-dashboard", ".kit-diagram", ".kit-quiz", ".kit-panel", ".kit-asked"):
        root = shelf.page.locator(part)
        root.scroll_into_view_if_needed()
        shelf.page.wait_for_timeout(200)  # the notebook and the widget's observers follow
        found += root.evaluate("root => kitLook.cut(root)")
    shelf.page.set_viewport_size(WIDE)
    assert not found, "\n" + "\n".join(found)


@pytest.fixture
def sheet(browser: Browser) -> Iterator[Page]:
    """A page outside JupyterLab."""
    page = browser.new_page(viewport=WIDE)
    yield page
    page.close()


def findings_of_page(page: Page) -> list[str]:
    """Return what is wrong with a whole page, light and dark, wide and narrow."""
    found = []
    prepare(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {line}" for line in findings(page, page.locator("body"))]
    page.set_viewport_size(ZOOMED)
    return found + page.locator("body").evaluate("root => kitLook.cut(root)")


def test_the_report_of_an_assessment_can_be_read_by_everybody(
    sheet: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATURITY_WORKSPACE", str(tmp_path / "workspace"))
    report = tmp_path / "report.html"
    main(["assess", "--repo", str(KIT_ROOT), "--html", str(report)])
    sheet.goto(report.as_uri())
    assert findings_of_page(sheet) == []


@pytest.mark.parametrize("state", ["starts", "failed"])
def test_the_page_while_mlflow_starts_can_be_read_by_everybody(sheet: Page, state: str) -> None:
    waiting = WAITING.read_text(encoding="utf-8")
    sheet.route(
        "http://kit.test/", lambda route: route.fulfill(body=waiting, content_type="text/html")
    )
    if state == "starts":
        sheet.route("**/health", lambda route: None)  # no answer yet
    else:
        sheet.route("**/health", lambda route: route.fulfill(status=500, body="No space left."))
    sheet.goto("http://kit.test/")
    title = "MLflow starts" if state == "starts" else "MLflow did not start"
    sheet.get_by_role("heading", name=title).wait_for()
    assert findings_of_page(sheet) == []


def test_the_instruments_find_what_is_wrong(sheet: Page) -> None:
    sheet.set_content(
        "<html lang=en><title>x</title><main><style>button:focus { outline: none }</style>"
        "<img src='data:,'><p style='color: #bbb'>pale</p><button>b</button>"
        "<div style='width: 900px'>wide</div>"
        "<svg><circle class=kd-disc r=9 fill='#ddd'/><text fill='#999' y=9>x</text></svg></main>"
    )
    found = "\n".join(findings_of_page(sheet))
    for words in ("image-alt", "color-contrast", "focus not shown", "kd-disc", "faint: text"):
        assert words in found
    assert "when narrow, stands out: div" in found
