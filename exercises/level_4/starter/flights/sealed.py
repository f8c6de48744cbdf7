"""Loads a model only if its files are those that were signed."""

from pathlib import Path

import skops.io
from sklearn.pipeline import Pipeline

from flights.settings import read_settings
from flights.signing import read_signed
from flights.tracking import TRUSTED


def load_files(folder: Path) -> Pipeline:
    """Return the model in an artifact's folder; the bytes that were checked are those loaded.

    Raises
    ------
    SignatureError
        If the files are not those that were signed.
    """
    model = skops.io.loads(read_signed(folder, read_settings())["model.skops"], trusted=TRUSTED)
    if not isinstance(model, Pipeline):
        raise TypeError(f"it is a {type(model).__name__}, not a pipeline")
    return model
