"""The widgets that use JupyterLab's commands, on pages without JupyterLab: paths and links.

VS Code itself is not here: a page that says of itself what VS Code's pages do stands for it.
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SECONDS
from widgets.base.paths import KIT_ROOT, Layout
from widgets.exercise.panel import ExercisePanel
from widgets.kit import Kit
from widgets.mlflow_ui.button import MlflowButton

# What anywidget hands to a view, without a kernel behind it: a message is written down.
SHOW = """async ([code, values]) => {
  const { default: widget } = await import(`data:text/javascript;base64,${code}`);
  window.sent = [];
  const model = {
    get: (name) => values[name],
    on() {},
    off() {},
    send: (message) => window.sent.push(message),
  };
  widget.render({ model, el: document.body });
}"""
VS_CODE = "<body data-vscode-theme-kind='vscode-light' data-vscode-theme-id='Default Light'></body>"
OWN = ("layout", "tabbable", "tooltip", "comm")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page, which complains of scripts that fail."""
    page = browser.new_page()
    page.set_default_timeout(20 * SECONDS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert not errors


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    """A kit on a workspace whose path holds a space and an accent."""
    kit = Kit(Layout(tmp_path / "a work é"))
    kit.start()
    return kit


def show(page: Page, widget: Any, code: str) -> None:
    """Show a widget as it is now, by its own script."""
    names = [name for name in widget.trait_names(sync=True) if not name.startswith("_")]
    values = {name: getattr(widget, name) for name in names if name not in OWN}
    module = (KIT_ROOT / "widgets" / code).read_bytes()
    page.evaluate(SHOW, [base64.b64encode(module).decode(), values])


def panel(kit: Kit, name: str) -> ExercisePanel:
    """Return the panel of an exercise."""
    return ExercisePanel(kit.exercise(name), kit.verbs)


def test_on_a_page_without_jupyterlab_the_panel_gives_paths(page: Page, kit: Kit) -> None:
    show(page, panel(kit, "1.1"), "exercise/panel.js")
    file = kit.layout.project / "flights" / "features.py"
    expect(page.get_by_text(file.as_posix(), exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Copy the path of flights/features.py")).to_be_visible()
    expect(page.get_by_text("Save your files before you check")).to_be_visible()
    for gone in ("Open flights/features.py", "Open a terminal there"):
        expect(page.get_by_role("button", name=gone)).to_have_count(0)
    expect(page.get_by_role("link")).to_have_count(0)  # it would lead nowhere

    page.get_by_role("button", name="Check", exact=True).click()
    page.wait_for_function("() => window.sent.length")
    assert page.evaluate("() => window.sent[0].verb") == "check"


def test_where_jupyterlab_is_its_commands_are_used(page: Page, kit: Kit) -> None:
    config = json.dumps({"serverRoot": kit.layout.root.as_posix()})
    page.set_content(
        f"<script id='jupyter-config-data' type='application/json'>{config}</script>"
        "<div class='jp-LabShell'></div>"
    )
    show(page, panel(kit, "2.1"), "exercise/panel.js")
    expect(page.get_by_role("button", name="Open a terminal there")).to_be_visible()
    expect(page.get_by_text("Save your files before you check")).to_have_count(0)
    expect(page.get_by_text(kit.layout.project.as_posix(), exact=True)).to_have_count(0)


def test_in_vs_code_a_file_is_a_link_that_vs_code_opens(page: Page, kit: Kit) -> None:
    page.set_content(VS_CODE)
    show(page, panel(kit, "1.1"), "exercise/panel.js")
    file = kit.layout.project / "flights" / "features.py"
    link = page.get_by_role("link", name=file.as_posix())
    href = link.get_attribute("href") or ""
    # A path without a scheme; VS Code decodes it and opens the file in an editor.
    assert page.evaluate("decodeURIComponent", href) == file.as_posix()
    assert " " not in href and ":" not in href


def test_outside_jupyterlab_commands_name_their_whole_folder(page: Page, kit: Kit) -> None:
    show(page, panel(kit, "2.1"), "exercise/panel.js")
    expect(page.get_by_text(kit.layout.project.as_posix(), exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Copy the command git").first).to_be_visible()


def test_outside_jupyterlab_mlflow_is_a_command(page: Page, kit: Kit) -> None:
    show(page, MlflowButton(kit.layout, "models"), "mlflow_ui/button.js")
    expect(page.get_by_text("Run `maturity ui` in a terminal")).to_be_visible()
    expect(page.get_by_text("#/models")).to_be_visible()
    expect(page.get_by_role("link")).to_have_count(0)
