"""Reads the kit's content (YAML) into typed values, and says plainly what is wrong with a file."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from widgets.base.errors import KitError


class Content(BaseModel):
    """The base of all content: frozen, and an unknown key is an error, not a surprise."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ContentError(KitError):
    """A content file that cannot be used: names the file, the place and the mend."""


M = TypeVar("M", bound=BaseModel)


def read_yaml(path: Path, model: type[M]) -> M:
    """Read `path` as YAML and validate it against `model`.

    Raises
    ------
    ContentError
        If the file is missing, is not UTF-8, is not YAML or does not fit the model. The
        message lists every fault with its place (for example ``questions.3.options``).
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ContentError(f"{path}: there is no such file.") from None
    except UnicodeDecodeError as error:
        raise ContentError(
            f"{path}: not UTF-8 at byte {error.start}. Save the file as UTF-8."
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "unknown place"
        problem = getattr(error, "problem", None) or "this is not YAML"
        raise ContentError(f"{path}: {place}: {problem}. Mend the YAML there.") from None
    return validated(path, data, model)


def validated(path: Path, data: object, model: type[M]) -> M:
    """Return what a file holds, once it fits the model.

    Raises
    ------
    ContentError
        If it does not fit: every fault with its place.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = [
            f"  {'.'.join(str(part) for part in fault['loc']) or 'the whole file'}: {fault['msg']}"
            for fault in error.errors()
        ]
        raise ContentError(f"{path}: does not fit its format:\n" + "\n".join(faults)) from None
