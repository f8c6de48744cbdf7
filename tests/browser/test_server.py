"""The model server's button in a real browser: keyboard and mouse, a crash, a kernel's end."""

import re
import time

from playwright.sync_api import expect

from tests.browser.conftest import ARTIFACTS, SECONDS, LabPage
from widgets.services.status import process_of, read_told

# A small stand-in for the learner's server; it keeps to what is agreed with the kit.
SERVE = """
import json, os, signal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

file = Path(os.environ["FLIGHTS_WORKSPACE"]) / "serving" / "server.json"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"ready": True, "version": 3, "problem": ""}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def end(*words):
    file.unlink(missing_ok=True)
    os._exit(0)


signal.signal(signal.SIGTERM, end)
server = HTTPServer(("127.0.0.1", 0), Handler)
file.parent.mkdir(parents=True, exist_ok=True)
url = f"http://127.0.0.1:{server.server_port}"
file.write_text(json.dumps({"url": url, "pid": os.getpid()}))
server.serve_forever()
"""


def test_it_starts_by_keyboard_is_seen_to_die_and_ends_with_the_kernel(lab: LabPage) -> None:
    package = lab.layout.project / "flights"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").touch()
    (package / "serve.py").write_text(SERVE)
    lab.open_notebook(
        lab.write_notebook("server.ipynb", ["from widgets import course", "course.server()"])
    )
    lab.run_all()
    panel = lab.page.get_by_role("region", name="The model server")
    button, line = panel.get_by_role("button"), panel.get_by_role("status")
    expect(line).to_have_text("The model server is not running.")

    button.focus()
    lab.page.keyboard.press("Enter")
    expect(line).to_have_text(re.compile("It answers at .* with version 3"), timeout=20 * SECONDS)
    expect(button).to_be_focused()
    expect(button).to_have_text("Stop the model server")
    link = panel.get_by_role("link", name="What it can be asked")
    expect(link).to_have_attribute("href", re.compile(r"^http://127\.0\.0\.1:\d+/openapi\.json$"))
    panel.screenshot(path=ARTIFACTS / "server_ready.png")

    running = process_of(read_told(lab.layout))
    assert running is not None
    running.kill()
    expect(line).to_have_text("The model server has ended by itself. Its last words:")
    expect(panel.get_by_label("The last lines of its log")).to_be_visible()
    panel.screenshot(path=ARTIFACTS / "server_ended.png")

    button.click()
    expect(button).to_have_text("Stop the model server", timeout=20 * SECONDS)
    button.click()
    expect(line).to_have_text("The model server is not running.", timeout=20 * SECONDS)
    button.click()
    expect(button).to_have_text("Stop the model server", timeout=20 * SECONDS)

    running = process_of(read_told(lab.layout))
    assert running is not None
    lab.restart_kernel()
    until = time.monotonic() + 10
    while running.is_running() and time.monotonic() < until:
        time.sleep(0.05)
    assert not running.is_running()
