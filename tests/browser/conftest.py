"""One browser for all browser tests, their JupyterLabs, and what a learner does on a page.

JupyterLab is started as `python lab.py` starts it, on a fresh workspace in a temporary folder
whose name holds a space: one for most tests, and one for each file that works a whole notebook
through. To load JupyterLab takes the browser ten seconds of a processor, so most tests have the
same page, cleared between them; one that looks at the first moment, or needs an own workspace, has
a page of its own, and so has the test that comes after a failure.
"""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from tests.browser.servers import Hub, Server, started_hub, started_lab
from widgets.base.paths import KIT_ROOT, Layout

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
SECONDS = 1000  # playwright counts in milliseconds


class LabPage:
    """One browser page with JupyterLab, and what a learner does there.

    Parameters
    ----------
    page
        The playwright page.
    server
        The JupyterLab that it looks at.
    """

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server
        self.layout = server.layout

    # -- notebooks

    def write_notebook(self, name: str, cells: Sequence[str]) -> str:
        """Write a notebook of code cells below `notebooks/`; return its path from the root."""
        book = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        path = self.layout.notebooks / name
        nbformat.write(book, path)
        return path.relative_to(self.layout.root).as_posix()

    def open_notebook(self, path: str) -> None:
        """Open a notebook, on a fresh page by its address, with no layout of an earlier visit."""
        if self.page.url.startswith(self.server.address):
            self.command("docmanager:open", path=path, factory="Notebook")
        else:
            self.page.goto(f"{self.server.address}lab/tree/{path}?reset&token={self.server.token}")
        self.page.locator(".jp-NotebookPanel").first.wait_for(timeout=60 * SECONDS)
        self.wait_for_kernel()

    def run_all(self, seconds: float = 60) -> None:
        """Run all cells and wait for the last one; an error in a cell is an error here."""
        # Not awaited in `evaluate`: it would never return while a dialog is open.
        self.page.evaluate(
            "() => { window.ranAll = null;"
            " window.jupyterapp.commands.execute('notebook:run-all-cells')"
            ".then(() => { window.ranAll = true; }); }"
        )
        self.page.wait_for_function("() => window.ranAll", timeout=seconds * SECONDS)
        complaints = self.page.evaluate(
            "() => [...window.jupyterapp.shell.currentWidget.content.model.cells]"
            ".flatMap(cell => cell.type === 'code' ? cell.outputs.toJSON() : [])"
            ".filter(output => output.output_type === 'error' || output.name === 'stderr')"
        )
        assert not complaints, json.dumps(complaints, indent=1)

    def run_cell(self, source: str, seconds: float = 60) -> None:
        """Run the one code cell that holds `source`, as a learner does who goes step by step."""
        self.page.evaluate(
            "source => { window.ran = null;"
            " const { content } = window.jupyterapp.shell.currentWidget;"
            " content.activeCellIndex = [...content.model.cells].findIndex("
            "cell => cell.type === 'code' && cell.sharedModel.getSource().includes(source));"
            " window.jupyterapp.commands.execute('notebook:run-cell')"
            ".then(() => { window.ran = true; }); }",
            source,
        )
        self.page.wait_for_function("() => window.ran", timeout=seconds * SECONDS)

    def restart_kernel(self) -> None:
        """Restart the kernel as the menu does, and say yes."""
        self.command("notebook:restart-kernel", wait=False)
        self.page.get_by_role("dialog").get_by_role("button", name="Confirm Kernel Restart").click()
        self.page.get_by_role("dialog").wait_for(state="detached")
        self.wait_for_kernel()

    def wait_for_kernel(self, seconds: float = 60) -> None:
        """Wait until the notebook's kernel is idle."""
        self.page.wait_for_function(
            "() => { const session = window.jupyterapp.shell.currentWidget?.sessionContext;"
            " const kernel = session?.isReady ? session.session?.kernel : null;"
            " return kernel?.status === 'idle' && kernel.connectionStatus === 'connected'; }",
            timeout=seconds * SECONDS,
        )

    def clear(self) -> None:
        """Close what is open on the page, and all that it has opened; nothing is saved."""
        for other in self.page.context.pages:
            if other != self.page:
                other.close()
        self.page.evaluate(
            "() => [...window.jupyterapp.shell.widgets('main')].forEach(widget => widget.dispose())"
        )

    def end_kernels(self) -> None:
        """End all kernels of the server."""
        kernels = f"{self.server.address}api/kernels"
        token = f"?token={self.server.token}"
        for kernel in self.page.request.get(kernels + token).json():
            self.page.request.delete(f"{kernels}/{kernel['id']}{token}")

    # -- editor

    def replace_in_editor(self, path: str, old: str, new: str) -> None:
        """Replace `old` by `new` in the open editor of `path`, as typing does; does not save."""
        line = self.editor(path).locator(".cm-line", has_text=old).first
        text = line.text_content() or ""
        line.click()
        line.evaluate(
            "line => { const range = document.createRange(); range.selectNodeContents(line);"
            " getSelection().removeAllRanges(); getSelection().addRange(range); }"
        )
        self.page.wait_for_timeout(100)  # the editor follows the selection
        self.page.keyboard.insert_text(text.replace(old, new))

    def editor(self, path: str) -> Locator:
        """The text editor that shows `path`."""
        tab = self.page.locator(f'.lm-DockPanel-tabBar .lm-TabBar-tab[title*="{path}"]').first
        tab.wait_for(timeout=20 * SECONDS)
        editor = self.page.locator(f"#{tab.get_attribute('data-id')} .jp-FileEditor")
        editor.locator(".cm-content").wait_for(timeout=20 * SECONDS)
        return editor

    def editor_text(self, path: str) -> str:
        """What the open editor of `path` shows."""
        return "\n".join(self.editor(path).locator(".cm-line").all_text_contents())

    # -- JupyterLab

    def command(self, name: str, wait: bool = True, **arguments: object) -> None:
        """Run one of JupyterLab's commands."""
        call = f"window.jupyterapp.commands.execute({json.dumps(name)}, {json.dumps(arguments)})"
        self.page.evaluate(f"async () => {{ await {call}; }}" if wait else f"() => {{ {call}; }}")

    def dialogs(self) -> list[str]:
        """The texts of all dialogs and pop-ups on the page."""
        seen = self.page.locator(".jp-Dialog, .Toastify__toast, [role=alertdialog].jp-Notification")
        return seen.all_inner_texts()

    def in_each_theme(self) -> Iterator[str]:
        """Show the page in both themes, first as it is: a change takes a second."""
        light = self.page.evaluate("() => document.body.dataset.jpThemeLight") == "true"
        first, other = ("Light", "Dark") if light else ("Dark", "Light")
        yield first
        self.command("apputils:change-theme", theme=f"JupyterLab {other}")
        self.page.wait_for_function(
            "light => document.body.dataset.jpThemeLight === light",
            arg=str(other == "Light").lower(),
        )
        self.page.wait_for_timeout(300)  # the stylesheet follows the attribute
        yield other

    def screenshot(self, name: str, part: Locator | None = None) -> None:
        """Keep a picture of the page, or a part of it, in each theme, for people to look at."""
        for theme in self.in_each_theme():
            (part or self.page).screenshot(path=ARTIFACTS / f"{name}_{theme.lower()}.png")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab on one fresh workspace for all tests that leave nothing others trip over."""
    folder = tmp_path_factory.mktemp("a work") / "space with spaces"
    with started_lab(folder, ARTIFACTS / "jupyterlab.log") as server:
        yield server


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab on a workspace of this file's own, in which nothing is answered or solved yet."""
    folder = tmp_path_factory.mktemp("an own work") / "space"
    with started_lab(folder, ARTIFACTS / "jupyterlab_own.log") as server:
        yield server


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """JupyterLab as behind Binder: its pages are below `/user/x/`, and it knows no own name."""
    layout = Layout(tmp_path / "work")
    env = os.environ | {"MATURITY_WORKSPACE": str(layout.root)}
    program = [sys.executable, str(KIT_ROOT / "lab.py"), "run"]
    with started_hub(program, env, layout, tmp_path, tmp_path / "log") as hub:
        yield hub


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium: the system's, else playwright's own."""
    system = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    arguments = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=system, args=arguments)
        except BrowserError as error:
            pytest.fail(
                "The browser tests need Chromium, and none could be started here. Mend: "
                f"`{Path(sys.executable).name} -m playwright install chromium`, or on Debian "
                f"`apt-get install chromium`.\n{error}"
            )
        with closing(browser):
            yield browser


@pytest.fixture(scope="session")
def kept() -> list[Page]:
    """The page that the next test goes on with, if there is one."""
    return []


@pytest.fixture
def lab(
    server: Server, browser: Browser, kept: list[Page], request: pytest.FixtureRequest
) -> Iterator[LabPage]:
    """A page on which nothing is open; if the test fails, its picture is kept under its name."""
    page = kept.pop() if kept else new_page(browser)
    with watched(page, server, request) as lab:
        yield lab
    if not page.is_closed():
        kept.append(page)


@pytest.fixture
def fresh_lab(
    server: Server, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[LabPage]:
    """A page on which JupyterLab has not been loaded yet."""
    with watched(new_page(browser), server, request) as lab:
        yield lab
    lab.page.close()


@pytest.fixture
def own_lab(
    own_server: Server, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[LabPage]:
    """A fresh page on the workspace of this file's own."""
    with watched(new_page(browser), own_server, request) as lab:
        yield lab
    lab.page.close()


def new_page(browser: Browser) -> Page:
    """Return a page with no cookies of others."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(20 * SECONDS)
    return page


@contextmanager
def watched(page: Page, server: Server, request: pytest.FixtureRequest) -> Iterator[LabPage]:
    """Give a page to one test; clear it, and end the kernels. After a failure it is closed."""
    errors: list[str] = []

    def note(error: BrowserError) -> None:
        errors.append(error.stack or str(error))

    page.on("pageerror", note)
    failures = request.session.testsfailed
    lab = LabPage(page, server)
    yield lab
    if request.session.testsfailed > failures:
        page.screenshot(path=ARTIFACTS / f"failed_{request.node.name}.png")
        lab.end_kernels()
        page.close()
    else:
        lab.clear()
        lab.end_kernels()
        page.remove_listener("pageerror", note)
    assert not errors, "The page's own scripts failed:\n" + "\n".join(errors)
