"""lab.py itself: what it says to a Python that is too old, and what a wrong word costs."""

import importlib.util
import re
import subprocess
import sys
from types import ModuleType

import pytest

from widgets.base.paths import KIT_ROOT

LAB = KIT_ROOT / "lab.py"


@pytest.fixture(scope="module")
def lab() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lab", LAB)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, LAB, *words], capture_output=True, text=True)


def test_an_old_python_is_told_which_one_is_needed_and_where_it_is(lab):
    said = lab.complaint((3, 8, 1), "/usr/bin/python3", "python3.12")
    assert "needs Python 3.11 or newer; this is Python 3.8 (/usr/bin/python3)" in said
    assert "python3.12 lab.py" in said
    assert "Install a newer one" in lab.complaint((2, 7), "python", None)


def test_a_python_that_is_new_enough_gets_no_complaint(lab):
    assert lab.complaint((3, 11, 0), "python", None) is None
    assert lab.complaint((4, 0, 0), "python", None) is None


def test_an_old_python_can_read_the_file():
    """No syntax that is newer than 3.6, and no import above the check that an old one lacks."""
    text = LAB.read_text(encoding="ascii")
    compile(text, "lab.py", "exec", dont_inherit=True)
    assert not re.search(r"\bf[\"']|:=|\bmatch\b .*:|from __future__|->", text)
    imports = re.findall(r"^import (\w+)|^from (\w+)", text, re.M)
    assert imports == [("sys", "")]


def test_help_names_every_word():
    said = run("--help").stdout
    for word in ("test", "walk", "render", "doctor", "bench", "setup", "run", "--no-browser"):
        assert word in said, word


def test_an_unknown_word_or_option_is_misuse():
    for words in (["tset"], ["--nobrowser"], ["doctor", "--fast"]):
        ended = run(*words)
        assert ended.returncode == 2, words
        assert words[-1] in ended.stderr
        assert "Traceback" not in ended.stderr


def test_the_set_up_needs_nothing_but_the_standard_library():
    code = "import widgets.lab.main, sys; print(*sorted(sys.modules))"
    bare = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(KIT_ROOT)!r}); {code}",
        ],
        capture_output=True,
        text=True,
    )
    assert bare.returncode == 0, bare.stderr
