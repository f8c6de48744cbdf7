"""The button starts and stops the server, and its line follows whatever happens to it."""

import pytest

from widgets.services.button import ServerButton
from widgets.services.status import process_of, read_told


@pytest.fixture
def button(server):
    made = ServerButton(server)
    yield made
    made.wait()
    made.close()


def press(button, verb):
    button._receive(button, {"verb": verb}, [])
    button.wait()


def test_it_starts_and_stops_the_server(button, server):
    assert button.text() == "The model server is not running."
    assert (button.shown["state"], button.shown["page"]) == ("off", "")
    press(button, "start")
    url = server.status().url
    assert button.shown["state"] == "ready"
    assert button.shown["line"] == f"It answers at {url} with version 3."
    assert button.shown["page"] == f"{url}/openapi.json"
    press(button, "stop")
    assert button.shown["state"] == "off" and not server.status().running


def test_what_a_stored_page_says_holds_on_every_machine(button):
    press(button, "start")
    assert button.text() == "The model server answers."


def test_it_says_what_goes_on_meanwhile_and_a_second_click_does_nothing(button, mode):
    mode("slow")
    button.do("start")
    assert (button.shown["state"], button.shown["line"]) == (
        "starting",
        "The model server starts …",
    )
    thread = button._thread
    button.do("stop")
    assert button._thread is thread
    button.wait()
    assert button.shown["state"] == "ready"


def test_one_that_does_not_start_is_shown_with_its_last_words(button, mode):
    mode("crash")
    press(button, "start")
    assert button.shown["state"] == "off"
    assert button.shown["line"].startswith("The model server did not start.")
    assert "the champion cannot be found" in button.shown["log"]
    mode("")
    press(button, "start")
    assert (button.shown["state"], button.shown["log"]) == ("ready", "")


def test_one_without_a_model_says_so(button, mode):
    mode("no model")
    press(button, "start")
    assert button.shown["state"] == "running" and "503" in button.shown["line"]
    assert button.text() == "The model server runs, but cannot answer questions."


def test_it_follows_what_others_do(button, server, layout):
    server.start()
    press(button, "look")
    assert button.shown["state"] == "ready"
    running = process_of(read_told(layout))
    running.kill()
    server._keeper.wait()
    press(button, "look")
    assert button.shown["state"] == "off" and "ended by itself" in button.shown["line"]


def test_a_message_of_another_kind_changes_nothing(button):
    before = button.shown
    button._receive(button, "nonsense", [])
    press(button, "dance")
    assert button.shown == before
