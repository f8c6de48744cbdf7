"""The door before the UI on a port: the token opens it, and a page from elsewhere does not."""

import http.client
import socket
import threading

import pytest
import uvicorn

from widgets.mlflow_ui.app import answer
from widgets.mlflow_ui.door import Door

TOKEN = "the-token"


class Behind:
    """What is behind the door: it keeps what has come through."""

    def __init__(self):
        self.asked = []

    async def __call__(self, scope, receive, send):
        self.asked.append((scope["method"], scope["path"]))
        await answer(send, 200, b"within", b"text/plain")


@pytest.fixture(scope="module")
def house():
    """Return what is behind a real server's door, and the port."""
    behind = Behind()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        door = Door(behind, TOKEN, port)
        server = uvicorn.Server(uvicorn.Config(door, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield behind, port
        server.should_exit = True
        thread.join()


@pytest.fixture
def ask(house):
    """Return a function that asks the server; what came through is in its `through`."""
    behind, port = house
    behind.asked.clear()

    def do(method="GET", path="/", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request(method, path, None, {k.replace("_", "-"): v for k, v in headers.items()})
        found = connection.getresponse()
        found.body = found.read()
        connection.close()
        return found

    do.port, do.through = port, behind.asked
    return do


@pytest.fixture
def cookie(ask):
    """Return the cookie that the address with the token brings."""
    entered = ask(path=f"/?token={TOKEN}")
    assert (entered.status, entered.getheader("location")) == (303, "/")
    assert not ask.through
    cookie, *rest = entered.getheader("set-cookie").split("; ")
    assert {"HttpOnly", "SameSite=Lax"} <= set(rest)
    return cookie


def test_the_address_with_the_token_opens_it_and_a_program_may_send_it(ask, cookie):
    others = f'a="x; b=[1]"; {cookie}; _xsrf=2|7'
    assert ask(Cookie=others).body == b"within"
    assert ask(Authorization=f"Bearer {TOKEN}").body == b"within"
    assert ask("POST", "/api", Cookie=cookie, Origin=f"http://127.0.0.1:{ask.port}").status == 200
    assert len(ask.through) == 3


@pytest.mark.parametrize("path", ["/", "/health", "/?token=", "/?token=wrong", "/static/x.js"])
def test_without_the_token_nothing_is_answered(ask, path):
    name = f"maturity-mlflow-{ask.port}"
    for headers in (
        {},
        {"Cookie": f"{name}="},
        {"Cookie": f"{name}=é"},
        {"Cookie": f"other={TOKEN}"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer wrong"},
    ):
        refused = ask(path=path, **headers)
        assert refused.status == 401 and b"maturity ui" in refused.body
    assert ask("POST", f"/?token={TOKEN}").status == 401, "a token in an address only shows"
    assert not ask.through


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", "127.0.0.1:1"]
)
def test_another_name_is_refused_even_with_the_token(ask, cookie, host):
    assert ask(Host=host, Cookie=cookie).status == 400
    assert ask(Host=host, Authorization=f"Bearer {TOKEN}").status == 400
    assert not ask.through


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_a_page_from_elsewhere_may_not_ask_with_the_cookie(ask, cookie, headers):
    for method in ("GET", "POST", "DELETE"):
        assert ask(method, Cookie=cookie, **headers).status == 403
    assert ask("POST", Cookie=cookie, Sec_Fetch_Mode="navigate", **headers).status == 403
    assert not ask.through


def test_a_link_from_elsewhere_may_lead_here(ask, cookie):
    assert ask(Cookie=cookie, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate").status == 200
