"""The dashboard in a real JupyterLab: follows a log that grows, by keyboard, also in a busy kernel.

A thread of this test writes the logs as the clients and the learner's server do.
"""

import json
import random
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LabPage
from widgets.base.paths import Layout

CELLS = ["from widgets import course\ncourse.begin()", "course.dashboard()", "import time"]
RATE = 20  # requests a second
APRIL = datetime(2013, 4, 1, 10, tzinfo=UTC)


class Clients:
    """Writes traffic, in which a version is deployed and rolled back, until it is stopped."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._over = threading.Event()
        self._chance = random.Random(3)
        self._thread = threading.Thread(target=self._work, daemon=True)
        layout.serving.mkdir(exist_ok=True)
        now = datetime.now(UTC)
        self._events(now - timedelta(seconds=60), "deploy", 7, "aaaaaaaa")
        self._events(now - timedelta(seconds=20), "rollback", 6, "bbbbbbbb")
        for number in range(-90 * RATE, 0):
            seconds = number / RATE
            self.write(
                now + timedelta(seconds=seconds),
                version="7" if -60 < seconds < -20 else "6",
                ok=not -40 < seconds < -38,
                day=30 + seconds / 3,
            )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def write(self, at: datetime, version: str = "6", ok: bool = True, day: float = 30) -> None:
        said = self._chance.betavariate(3, 9 if version == "6" else 14)
        line = {
            "at": at.isoformat(),
            "event_time": (APRIL + timedelta(days=day)).isoformat(),
            "flights": 1,
            "first": 80790,
            "last": 80790,
            "ok": ok,
            "status": 200 if ok else 0,
            "ms": self._chance.lognormvariate(1.8, 0.3),
            "versions": {version: [1, said]} if ok else {},
            "repeated": 0,
            "error": "" if ok else "no answer",
        }
        with self._layout.traffic_log.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def _events(self, at: datetime, kind: str, version: int, name: str) -> None:
        line = {"at": at.isoformat(), "kind": kind, "step": "done", "id": name, "version": version}
        with self._layout.events_log.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def _work(self) -> None:
        while not self._over.wait(1 / RATE):
            self.write(datetime.now(UTC))


@pytest.fixture
def clients(lab: LabPage) -> Iterator[Clients]:
    made = Clients(lab.layout)
    yield made
    made.stop() if made._thread.is_alive() else None
    lab.layout.traffic_log.unlink()
    lab.layout.events_log.unlink()


@pytest.fixture
def complaints(lab: LabPage) -> list[str]:
    """What the browser's console calls an error."""
    found: list[str] = []
    lab.page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    return found


def test_it_follows_the_traffic_and_the_keyboard_switches_the_time(lab, clients, complaints):
    lab.open_notebook(lab.write_notebook("dashboard.ipynb", CELLS))
    lab.run_all()
    board = lab.page.locator(".kit-dashboard")
    drawing = board.locator("svg.kb")
    expect(drawing).to_contain_text("v7 deployed")
    expect(drawing).to_contain_text("back to v6")
    expect(drawing).to_contain_text("Flights answered by each version, %")
    complaints.clear()  # those of JupyterLab itself while it starts

    still = drawing.get_attribute("aria-label")
    clients.start()
    expect(drawing).not_to_have_attribute("aria-label", still)
    lab.screenshot("dashboard_now", part=board)

    # The kernel is busy from here on, as it is while traffic is sent from a cell.
    lab.page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
        ".requestExecute({ code: 'time.sleep(6)' }); }"
    )
    before = drawing.get_attribute("aria-label")
    board.get_by_role("radio").first.focus()
    lab.page.keyboard.press("ArrowRight")
    expect(drawing).to_contain_text("Requests, per day", timeout=1000)
    expect(board.get_by_role("status")).to_have_text("Shown: the days of the flights.")
    lab.page.keyboard.press("ArrowLeft")
    expect(drawing).to_contain_text("Requests, per second", timeout=1000)
    expect(drawing).not_to_have_attribute("aria-label", before)
    lab.page.keyboard.press("Tab")
    lab.page.keyboard.press("Enter")
    expect(board.get_by_role("button")).to_have_text("Resume", timeout=1000)
    held = drawing.get_attribute("aria-label")
    time.sleep(2.5)
    assert drawing.get_attribute("aria-label") == held
    lab.page.keyboard.press("Enter")
    expect(drawing).not_to_have_attribute("aria-label", held)
    assert lab.page.locator(".jp-mod-editMode").count() == 0

    clients.stop()
    lab.wait_for_kernel()
    board.get_by_text("The same as a table").click()
    expect(board.get_by_role("columnheader", name="p99, ms")).to_be_visible()
    expect(board.get_by_role("cell", name="back to v6")).to_be_visible()
    board.get_by_role("radio").last.check()
    expect(board.get_by_role("columnheader", name="Day (New York)")).to_be_visible()
    lab.screenshot("dashboard_days", part=board)
    assert not complaints
