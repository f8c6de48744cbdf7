"""The first page is calm, and the assistant's programs cannot be reached."""

import asyncio

from widgets.mlflow_ui.app import Front, first_page


async def mlflow(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"MLflow"})


def ask(path, method="GET"):
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": path, "method": method}
    asyncio.run(Front(mlflow, b"the page")(scope, None, send))
    return sent[0]["status"], sent[1]["body"]


def test_the_first_page_is_ours_and_the_rest_is_mlflows():
    assert ask("/") == (200, b"the page")
    assert ask("/health") == (200, b"MLflow")
    assert ask("/", "POST") == (200, b"MLflow")


def test_the_assistant_is_not_there():
    assert ask("/ajax-api/3.0/mlflow/assistant/message", "POST")[0] == 404


def test_the_first_view_is_settled_before_mlflows_own_scripts():
    page = first_page('<html><head><title>é</title><script src="main.js"></script></head></html>')
    text = page.decode()
    assert text.index("mlflow.workflowType_v1") < text.index("main.js")
    assert "é" in text
