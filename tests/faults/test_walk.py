"""The command line from the first start into Level 2, in a folder with an awkward name."""

import json
import os
import subprocess
import sys

import pytest

from tests.faults.conftest import in_order


@pytest.fixture
def say(layout):
    """Return a function that types a command and returns what a program would be answered."""

    def run(*words, code=0):
        done = subprocess.run(
            [sys.executable, "-m", "widgets.cli", *words, "--json"],
            env=os.environ | {"MATURITY_WORKSPACE": str(layout.root)},
            capture_output=True,
            encoding="utf-8",
            timeout=1800,
        )
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout)

    return run


@pytest.mark.soak
def test_the_first_exercise(say, layout):
    assert say("start")["workspace"] == str(layout.root)
    assert say("check", "1.1", code=1)[0]["passed"] is False
    assert len(say("solve", "1.1")["files"]) == 2
    assert say("check", "1.1")[0]["passed"] is True
    assert len(say("reset", "1.1")["copies"]) == 2
    standings = {each["id"]: each["standing"] for each in say("status")["exercises"]}
    assert standings["1.1"] == "open"
    in_order(layout)


@pytest.mark.soak
def test_into_level_2_with_a_push_and_an_assessment(say, layout):
    say("start")
    solved = say("catch-up", "2.3")
    assert all(each["passed"] for each in solved) and len(solved) > 7
    readme = layout.project / "NOTES.md"
    readme.write_text("one more line\n", encoding="utf-8")
    assert say("push", "2.2")["said"]
    found = say("assess", "--repo", str(layout.project), "--tracking-uri", str(layout.mlflow))
    assert found
    status = say("status")
    assert status["proved_level"] >= 1
    in_order(layout)
