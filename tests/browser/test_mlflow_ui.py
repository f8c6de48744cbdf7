"""The MLflow UI in a real browser: from a notebook's button, behind a hub, and out of order."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import ARTIFACTS, SECONDS, LabPage
from tests.browser.servers import HUB, Hub, wait_until
from widgets.base.paths import Layout
from widgets.lab.processes import stop
from widgets.mlflow_ui.store import ensure_store

REFUSED = "Only pages of this JupyterLab may change something here"
RUN = """\
import mlflow
from widgets import course
from widgets.base.paths import Layout
from widgets.mlflow_ui.store import ensure_store
layout = Layout.current()
ensure_store(layout)
mlflow.set_tracking_uri(layout.tracking_uri)
mlflow.create_experiment("late-flights", layout.mlflow_artifacts.as_uri())
mlflow.set_experiment("late-flights")
with mlflow.start_run(run_name="a run of mine") as run:
    mlflow.log_metric("log_loss", 0.3612)"""
REGISTER = """\
model = mlflow.MlflowClient().create_registered_model("late-flights")
version = mlflow.MlflowClient().create_model_version("late-flights", "runs:/x", run.info.run_id)"""
POST = """async ([path, body]) => {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  return [answer.status, await answer.text()];
}"""
SEARCH = "ajax-api/2.0/mlflow/experiments/search"


def open_page(lab: LabPage, button: str) -> Page:
    """Click a button of the notebook; return the tab that opens."""
    with lab.page.expect_popup() as opened:
        lab.page.get_by_role("link", name=button).click()
    return opened.value


def tags(layout: Layout) -> dict[str, str]:
    """Return the tags of a workspace's runs that are not MLflow's own."""
    with closing(sqlite3.connect(layout.mlflow_db)) as opened:
        rows = opened.execute("SELECT key, value FROM tags WHERE key NOT LIKE 'mlflow.%'")
        return dict(rows.fetchall())


def test_the_learners_run_is_one_click_away_and_nothing_stands_before_it(lab: LabPage) -> None:
    cells = [
        RUN,
        'course.mlflow("models/late-flights/1")',
        REGISTER,
        'course.mlflow("runs/" + run.info.run_id)',
    ]
    lab.open_notebook(lab.write_notebook("mlflow.ipynb", cells))
    lab.run_all()
    asked: list[str] = []
    lab.page.context.on("request", lambda request: asked.append(request.url))

    began = time.monotonic()
    page = open_page(lab, "Open this run")
    page.get_by_role("heading", name="MLflow starts").wait_for()
    page.get_by_role("heading", name="a run of mine").wait_for(timeout=30 * SECONDS)
    print(f"from the click to the run: {time.monotonic() - began:.1f} s")
    page.get_by_text("0.3612").wait_for()
    page.get_by_role("link", name="Model registry").wait_for()
    page.wait_for_timeout(1 * SECONDS)  # what pops up late would be here by now
    page.screenshot(path=ARTIFACTS / "mlflow_run.png")
    assert page.locator("[role=dialog]:visible, [data-assistant-ui]:visible").count() == 0
    run = page.url.rpartition("/")[2]

    status, _ = page.evaluate(
        POST, ["ajax-api/2.0/mlflow/runs/set-tag", {"run_id": run, "key": "note", "value": "seen"}]
    )
    assert status == 200 and tags(lab.layout) == {"note": "seen"}

    # The button of the version was drawn before there was one; a look at it finds it.
    lab.page.get_by_text("Open version 1 of late-flights").hover()
    lab.page.get_by_role("link", name="Open version 1 of late-flights").wait_for()
    page = open_page(lab, "Open version 1 of late-flights")
    page.get_by_text("Version 1").first.wait_for()
    page.wait_for_timeout(1 * SECONDS)
    page.screenshot(path=ARTIFACTS / "mlflow_version.png")
    assert page.locator("[role=dialog]:visible, [data-assistant-ui]:visible").count() == 0

    own = urlsplit(lab.server.address).netloc
    elsewhere = {url for url in asked if urlsplit(url).netloc not in ("", own)}
    assert not elsewhere


def test_the_launcher_has_a_tile(lab: LabPage) -> None:
    lab.open_notebook(lab.write_notebook("tile.ipynb", ["1"]))
    lab.command("launcher:create")
    tile = lab.page.locator(".jp-LauncherCard:visible", has_text="MLflow")
    tile.wait_for()
    assert (
        tile.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    )
    lab.page.screenshot(path=ARTIFACTS / "mlflow_tile.png")
    with lab.page.expect_popup() as opened:
        tile.click()
    opened.value.get_by_role("link", name="Model registry").wait_for(timeout=30 * SECONDS)
    assert urlsplit(opened.value.url).path == "/mlflow/"


@pytest.fixture
def neighbours_page(tmp_path: Path) -> Iterator[str]:
    """A page of another program under the hub's name: another origin, with the same cookies."""
    folder = tmp_path / "neighbour"
    folder.mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HUB}:{server.server_port}/"
        server.shutdown()


def test_behind_a_hub_it_works_for_its_own_pages_alone_and_ends_with_jupyterlab(
    hub: Hub, browser: Browser, neighbours_page: str
) -> None:
    hub.layout.mlflow.mkdir(exist_ok=True)
    hub.layout.mlflow_db.write_bytes(b"this is no database" * 100)
    with closing(browser.new_context()) as context:
        page = context.new_page()

        # It cannot start: the page says why, and can try again once that is mended.
        page.goto(f"{hub.address}mlflow/?token={hub.token}#/models")
        page.get_by_role("heading", name="MLflow did not start").wait_for(timeout=120 * SECONDS)
        page.screenshot(path=ARTIFACTS / "mlflow_failed.png")
        assert "file is not a database" in page.locator("pre").inner_text()
        assert not psutil.Process(hub.process.pid).children()
        hub.layout.mlflow_db.unlink()
        ensure_store(hub.layout)
        page.get_by_role("button", name="Try again").click()
        page.get_by_role("heading", name="Registered Models").wait_for(timeout=120 * SECONDS)

        # The page's own requests are answered; a neighbour's are not, though its cookies are sent.
        status, found = page.evaluate(POST, [SEARCH, {"max_results": 5}])
        assert status == 200 and "Default" in found
        neighbour = context.new_page()
        neighbour.goto(neighbours_page)
        create = f"{hub.address}mlflow/ajax-api/2.0/mlflow/experiments/create"
        with neighbour.expect_response(create) as answer:
            neighbour.evaluate(
                "address => { fetch(address, { method: 'POST', mode: 'no-cors',"
                " credentials: 'include', body: '{\"name\": \"theirs\"}' }); }",
                create,
            )
        assert answer.value.status == 403
        assert f"experiments/create (127.0.0.1): {REFUSED}" in hub.log.read_text()
        here = f"http://127.0.0.1:{urlsplit(hub.address).port}/user/x/"
        context.request.get(f"{here}lab?token={hub.token}")  # for the cookies
        assert context.request.post(here + "mlflow/" + SEARCH, data={"max_results": 1}).ok
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for header in ({"Origin": "http://elsewhere"}, {"Sec-Fetch-Site": "cross-site"}):
                refused = context.request.fetch(
                    here + "mlflow/" + SEARCH, method=method, headers=header
                )
                assert refused.status == 403 and REFUSED in refused.text()
        _, found = page.evaluate(POST, [SEARCH, {"max_results": 5}])
        assert "theirs" not in found

    (ui,) = psutil.Process(hub.process.pid).children()
    where = Path(ui.cmdline()[-1])
    assert where.exists() and not ui.children()
    stop(hub.process)
    assert wait_until(lambda: not ui.is_running() and not where.parent.exists(), 60)
