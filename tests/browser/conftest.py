"""One JupyterLab and one browser for all browser tests, and what a learner does on a page.

JupyterLab is started as `python lab.py` starts it, on a fresh workspace in a temporary folder
whose name holds a space. Each test gets a page of its own.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from widgets.base.paths import KIT_ROOT

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
SETTINGS = KIT_ROOT / "widgets" / "lab" / "settings"
SECONDS = 1000  # playwright counts in milliseconds


class LabPage:
    """One browser page with JupyterLab, and what a learner does there.

    Parameters
    ----------
    page
        The playwright page.
    address, token
        Of the running server.
    root
        The server's root folder: the workspace.
    """

    def __init__(self, page: Page, address: str, token: str, root: Path) -> None:
        self.page = page
        self.address = address
        self.token = token
        self.root = root

    # -- notebooks

    def write_notebook(self, name: str, cells: Sequence[str]) -> str:
        """Write a notebook of code cells below `notebooks/`; return its path from the root."""
        book = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        path = self.root / "notebooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(book, path)
        return path.relative_to(self.root).as_posix()

    def open_notebook(self, path: str) -> None:
        """Open a notebook by its address, with no layout of an earlier visit."""
        self.page.goto(f"{self.address}lab/tree/{path}?reset&token={self.token}")
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
        errors = self.page.locator("[data-mime-type='application/vnd.jupyter.stderr']")
        assert errors.count() == 0, errors.all_inner_texts()

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

    def screenshot(self, name: str, part: Locator | None = None) -> None:
        """Keep a picture of the page, or a part of it, in each theme, for people to look at."""
        for theme in ("Dark", "Light"):  # light last: it is what the next picture starts from
            self.command("apputils:change-theme", theme=f"JupyterLab {theme}")
            self.page.wait_for_function(
                "light => document.body.dataset.jpThemeLight === light",
                arg=str(theme == "Light").lower(),
            )
            self.page.wait_for_timeout(300)  # the stylesheet follows the attribute
            (part or self.page).screenshot(path=ARTIFACTS / f"{name}_{theme.lower()}.png")


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: where it answers, and the workspace that it serves."""

    address: str
    token: str
    root: Path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab on a fresh workspace, as a learner starts it."""
    root = tmp_path_factory.mktemp("a work") / "space with spaces"
    (root / "notebooks").mkdir(parents=True)
    token = secrets.token_hex(16)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    log = ARTIFACTS / "jupyterlab.log"
    command = [
        *[sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser"],
        *["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"],
        *[f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}"],
        f"--LabApp.app_settings_dir={SETTINGS}",
        *(["--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else []),
    ]
    env = os.environ | {"MATURITY_WORKSPACE": str(root), "JUPYTER_CONFIG_PATH": str(SETTINGS)}
    with log.open("w") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}/"
            wait_for_server(process, f"{address}api/status?token={token}", log)
            yield Server(address, token, root)
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for_server(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until JupyterLab answers; fail with its own words if it does not."""
    for _ in range(300):
        with suppress(urllib.error.URLError), urllib.request.urlopen(url, timeout=5):
            return
        if process.poll() is not None:
            break
        time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start. It said:\n{log.read_text()[-2000:]}")


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


@pytest.fixture
def lab(server: Server, browser: Browser, request: pytest.FixtureRequest) -> Iterator[LabPage]:
    """A fresh page; if the test fails, its picture is kept under the test's name."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(20 * SECONDS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.stack or str(error)))
    failures = request.session.testsfailed
    yield LabPage(page, server.address, server.token, server.root)
    if request.session.testsfailed > failures:
        page.screenshot(path=ARTIFACTS / f"failed_{request.node.name}.png")
    page.close()
    assert not errors, "The page's own scripts failed:\n" + "\n".join(errors)
