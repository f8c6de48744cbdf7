"""What decides how pytest runs a project's tests, besides the tests: one digest a file."""

import json
import tomllib
from collections.abc import Callable

from widgets.base.files import text_digest

# https://docs.pytest.org/en/stable/reference/customize.html#configuration-file-formats
FILES = (
    "conftest.py",
    "tests/conftest.py",
    "pytest.toml",
    ".pytest.toml",
    "pytest.ini",
    ".pytest.ini",
    "tox.ini",
    "setup.cfg",
)
OPTIONS = "pyproject.toml [tool.pytest]"


def setup_digests(read: Callable[[str], str | None]) -> dict[str, str]:
    """Return the digest of each part of pytest's set-up; one that is not there counts as empty.

    A hook in a conftest.py can call a failed test passed, an option can leave tests out: tests
    have caught bugs only together with these.

    Parameters
    ----------
    read : callable
        Returns the text of a file of the project by its path, or None if there is none.
    """
    digests = {name: text_digest(read(name) or "") for name in FILES}
    try:
        options = tomllib.loads(read("pyproject.toml") or "").get("tool", {}).get("pytest", {})
        ini = options.pop("ini_options", {})
        if ini.get("testpaths") == ["tests"]:
            del ini[
                "testpaths"
            ]  # where the tests are; the course's pyproject.toml comes after them
        options |= {"ini_options": ini} if ini else {}
    except (tomllib.TOMLDecodeError, AttributeError, TypeError):
        options = {}  # pytest does not start with such a file
    return digests | {OPTIONS: text_digest(json.dumps(options, sort_keys=True, default=str))}
