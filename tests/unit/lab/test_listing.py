"""What the file browser lists: files that are about to vanish would make its folder vanish too."""

import asyncio
import json
from pathlib import Path

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from traitlets.config import Config

from widgets.base import files
from widgets.base.paths import KIT_ROOT

SETTINGS = KIT_ROOT / "widgets" / "lab" / "settings" / "jupyter_server_config.json"


def listed(folder: Path) -> set[str]:
    """Return the names that JupyterLab's file browser gets to see of a folder."""
    config = Config(json.loads(SETTINGS.read_text(encoding="utf-8")))
    manager = AsyncLargeFileManager(root_dir=str(folder), config=config)
    return {each["name"] for each in asyncio.run(manager.get("", content=True))["content"]}


def test_drafts_are_not_listed_and_hidden_folders_are(tmp_path, monkeypatch):
    # Jupyter lists a folder file by file; one that is gone by its turn is answered with 404.
    (tmp_path / ".github").mkdir()
    (tmp_path / ".env.template").touch()
    (tmp_path / ".~notebook.ipynb").touch()  # Jupyter's own draft while it saves
    seen: set[str] = set()

    def look(draft: Path, path: Path) -> None:
        assert draft in tmp_path.iterdir()
        seen.update(listed(tmp_path))
        draft.replace(path)

    monkeypatch.setattr(files, "put_in_place", look)
    files.write_atomic(tmp_path / "notebook.ipynb", "{}")
    assert seen == {".github", ".env.template"}
    assert listed(tmp_path) == {".github", ".env.template", "notebook.ipynb"}
