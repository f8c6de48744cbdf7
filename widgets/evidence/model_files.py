"""Says whether a registered model's files are where its registry says, without opening them."""

import re
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

# what MLflow writes beside a model: none of these can predict
DESCRIPTIONS = {
    "MLmodel",
    "conda.yaml",
    "python_env.yaml",
    "requirements.txt",
    "input_example.json",
    "serving_input_example.json",
    "registered_model_meta",
}
DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def holds_model(names: set[str]) -> bool:
    """Return whether a folder with these names holds a model: its description, and itself."""
    return "MLmodel" in names and bool(names - DESCRIPTIONS)


def model_files(location: str | None) -> bool | None:
    """Return whether `location` holds a model; None if it is not a folder of this machine."""
    folder = local_folder(location)
    if folder is None:
        return None
    try:
        return holds_model({path.name for path in folder.iterdir()})
    except OSError:
        return False


def local_folder(location: str | None) -> Path | None:
    """Return the folder that an artifact address names, or None if it lies elsewhere.

    A relative path is relative to wherever MLflow ran, which nobody knows; a network path is
    not asked for, because asking may take minutes.
    """
    if not location:
        return None
    path = location
    if not DRIVE.match(location):
        try:
            parts = urlsplit(location)
        except ValueError:
            return None
        if parts.scheme == "file" and parts.netloc in ("", "localhost"):
            path = url2pathname(parts.path)
        elif parts.scheme:
            return None
    if path.startswith(("//", "\\\\")) or "\0" in path:
        return None
    folder = Path(path)
    return folder if folder.is_absolute() else None
