"""Processes that are killed at random moments: what was confirmed is there, and once only."""

import os
import random
import subprocess
import sys
import time
from collections import Counter

import pytest

from tests.faults.conftest import eventually, in_order, of_checks
from tests.faults.kernel import QUESTION
from widgets.exercise.definition import load_catalogue
from widgets.progress import Progress

pytestmark = pytest.mark.slow

EXERCISE = "1.1"
KINDS = ("check", "answer", "note", "hint")
# Says each thing only when it has been kept.
WRITER = """
import sys
from pathlib import Path
from widgets.progress import Progress
progress = Progress(Path(sys.argv[1]))
note, hint = progress.note("count") or 0, progress.hints_shown("1.1")
print("here", flush=True)
while True:
    note, hint = note + 1, hint + 1
    progress.record_check("1.1", False, 0.0, "learner")
    print("check", flush=True)
    progress.record_answer("start", "q", [hint], True)
    print("answer", flush=True)
    progress.set_note("count", note)
    print("note", flush=True)
    progress.record_hint("1.1", hint)
    print("hint", flush=True)
"""


def kept(progress):
    """Return how many of each kind are kept."""
    answer = progress.answers("start").get("q")
    return Counter(
        check=progress.attempts("1.1"),
        answer=answer.tries if answer else 0,
        note=progress.note("count") or 0,
        hint=progress.hints_shown("1.1"),
    )


@pytest.mark.parametrize("kills", [40, pytest.param(1000, marks=pytest.mark.soak)])
def test_a_writer_killed_at_any_moment_loses_nothing_that_was_said(layout, kills):
    progress = Progress(layout.progress)
    chance = random.Random(2013)
    told = 0
    for _ in range(kills):
        before = kept(progress)
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(layout.progress)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        said = Counter(process.stdout.readline().strip() for _ in range(chance.randrange(8)))
        time.sleep(chance.random() * 0.01)
        process.kill()
        said += Counter(process.stdout.read().split())
        process.wait()
        process.stdout.close()
        told += said.total()
        after = kept(progress)
        ahead = {kind: after[kind] - before[kind] - said[kind] for kind in KINDS}
        assert all(number >= 0 for number in ahead.values()), f"lost: {ahead}"
        assert sum(ahead.values()) <= 1, f"more than the one that was being written: {ahead}"
    assert told > kills, "hardly anything was written at all"
    assert progress.changes() == kept(progress).total()
    in_order(layout)


def wholes():
    """Return each file of the exercise with the two states in which it may lie there."""
    catalogue = load_catalogue()
    exercise = catalogue.exercise(EXERCISE)
    return {
        name: [
            (catalogue.starter(exercise) / name).read_bytes(),
            (catalogue.solution(exercise) / name).read_bytes(),
        ]
        for name in exercise.files
    }


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.soak)])
def test_a_kernel_killed_while_a_learner_works_leaves_nothing_half_made(begun, new_kernel, kills):
    layout = begun
    progress = Progress(layout.progress)
    chance = random.Random(1913)
    round_of_work = ["answer", "solve", "check", "answer", "reset", "answer"]
    for _ in range(kills):
        before = progress.answers("start")
        tries = before[QUESTION.id].tries if QUESTION.id in before else 0
        kernel = new_kernel()
        assert kernel.do(f"standing {EXERCISE}")
        for verb in round_of_work * 20:
            kernel.tell(verb if verb == "answer" else f"{verb} {EXERCISE}")
        heard = [kernel.hear() for _ in range(1 + chance.randrange(len(round_of_work)))]
        time.sleep(chance.random() * 2)
        heard += kernel.kill()
        assert not [each for each in heard if "problem" in each], heard
        done = Counter(verb for verb, _ in zip(round_of_work * 20, heard, strict=False))
        kept = progress.answers("start")[QUESTION.id].tries - tries
        assert done["answer"] <= kept <= done["answer"] + 1, (done, kept)
        last = [verb for verb, _ in zip(round_of_work * 20, heard, strict=False)][-1]
        if last in ("check", "reset"):  # what comes next cannot take it back: an answer
            assert progress.passed(EXERCISE) == (last == "check")
        for name, states in wholes().items():
            file = layout.project / name
            assert not file.exists() or file.read_bytes() in states, f"{name} is half-made"
        in_order(layout)
    assert eventually(lambda: not of_checks(layout)), "a killed kernel has left processes behind"
    again = new_kernel()
    again.do("start")
    again.do(f"solve {EXERCISE}")
    assert again.do(f"check {EXERCISE}")[0] is True
    for folder in ("before", "checks"):  # beside the spare worker's
        assert len(os.listdir(layout.kit / folder)) == (folder == "checks")  # noqa: PTH208
