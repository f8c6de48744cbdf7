"""A workspace with an MLflow database, made from the empty one of the environment."""

import pytest

from widgets.base.paths import Layout


@pytest.fixture
def layout(tmp_path, monkeypatch):
    """Return a workspace that is the current one; its name holds a space and an accent."""
    monkeypatch.setenv("MATURITY_WORKSPACE", str(tmp_path / "a workspace é"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return Layout(tmp_path / "a workspace é")
