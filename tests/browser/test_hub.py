"""Behind a hub or Binder: the first page, its first cell, and MLflow's tile; all under a prefix."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import ARTIFACTS, SECONDS, LabPage
from tests.browser.servers import BASE, Hub, started_hub
from widgets.base.paths import KIT_ROOT, Layout
from widgets.lab.start import FIRST_NOTEBOOK


@contextmanager
def opened(hub: Hub, browser: Browser) -> Iterator[LabPage]:
    """Open what a badge opens: the hub's address, with the token and without any other path."""
    with closing(browser.new_context(viewport={"width": 1400, "height": 1000})) as context:
        page = context.new_page()
        page.set_default_timeout(30 * SECONDS)
        page.goto(f"{hub.address}?token={hub.token}")
        yield LabPage(page, hub)


def look_around(lab: LabPage, picture: str) -> None:
    """Do what a learner does first."""
    lab.page.locator(".jp-NotebookPanel").first.wait_for(timeout=240 * SECONDS)
    lab.wait_for_kernel(120)
    assert urlsplit(lab.page.url).path == f"{BASE}lab/tree/{FIRST_NOTEBOOK}"
    lab.page.wait_for_timeout(3 * SECONDS)  # JupyterLab asks its questions late
    assert lab.dialogs() == []

    lab.run_cell("from widgets import course", seconds=120)
    lab.run_cell("course.diagram()")
    expect(lab.page.locator(".kit-diagram").first).to_be_visible()
    lab.page.screenshot(path=ARTIFACTS / f"{picture}.png")

    lab.command("launcher:create")
    with lab.page.expect_popup() as tab:
        lab.page.locator(".jp-LauncherCard", has_text="MLflow").click()
    tab.value.get_by_role("link", name="Model registry").wait_for(timeout=90 * SECONDS)
    assert urlsplit(tab.value.url).path == f"{BASE}mlflow/"
    tab.value.get_by_text("Default").first.wait_for()  # a search: the page's own POST is answered


def test_behind_a_hub_the_first_page_runs_and_mlflow_opens(hub: Hub, browser: Browser) -> None:
    with opened(hub, browser) as lab:
        look_around(lab, "hub_first_page")


@pytest.mark.soak
def test_what_binder_builds_from_a_clone_opens_without_the_network(
    tmp_path: Path, browser: Browser
) -> None:
    home = tmp_path / "jovyan"  # Binder clones into the home folder itself
    copy_of_the_kit(home)
    env = {name: value for name, value in os.environ.items() if "MATURITY" not in name}
    env |= {"HOME": str(home)}
    built = subprocess.run(
        [home / ".binder" / "postBuild"], cwd=home, env=env, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stdout + built.stderr
    assert not (home / ".cache" / "uv").exists()  # nothing twice in the image
    assert list((home / ".venv" / "share" / "maturity").glob("mlflow-*-empty.db"))
    assert list((home / "workspace" / "data").glob("*.parquet"))

    offline = env | {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    program = [str(home / ".binder" / "start")]
    layout = Layout(home / "workspace")
    with (
        started_hub(program, offline, layout, home, tmp_path / "log") as hub,
        opened(hub, browser) as lab,
    ):
        look_around(lab, "binder_first_page")
    assert not re.search("installing|making .venv", (tmp_path / "log").read_text(errors="replace"))


def copy_of_the_kit(target: Path) -> None:
    """Copy what git keeps, and nothing that was made from it."""
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=KIT_ROOT, capture_output=True, check=True
    ).stdout.split(b"\0")
    for name in filter(None, map(os.fsdecode, names)):
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((KIT_ROOT / name).read_bytes())
        copy.chmod((KIT_ROOT / name).stat().st_mode)
