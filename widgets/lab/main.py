"""The words of `python lab.py`."""

import argparse
import sys
from collections.abc import Sequence

from widgets.base.errors import KitError
from widgets.base.paths import KIT_ROOT, Layout
from widgets.lab import doctor, testing
from widgets.lab.environment import Environment, Part
from widgets.lab.hosted import run_hosted
from widgets.lab.install import prepare
from widgets.lab.processes import Steps
from widgets.lab.start import start

STOPPED = 130


def main(argv: Sequence[str]) -> int:
    """Do what the words say; return an exit code (0 done, 1 not, 2 misuse, 130 stopped)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace", line_buffering=True)
    own, for_pytest = split_pytest_words(argv)
    words = parser().parse_args(own)
    environment = Environment(KIT_ROOT)
    steps = Steps()
    try:
        return run(words, for_pytest, environment, steps)
    except KitError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again: it goes on where it can.", file=sys.stderr)
        return STOPPED


def split_pytest_words(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the kit's own words, and those behind `test` that are pytest's, in their order."""
    if "test" not in argv[:1]:
        return list(argv), []
    mine = ("test", "--quick", "--soak", "-h", "--help")
    return [word for word in argv if word in mine], [word for word in argv if word not in mine]


def run(
    words: argparse.Namespace, for_pytest: list[str], environment: Environment, steps: Steps
) -> int:
    """Prepare what a word needs, and do it."""
    if words.word is None:
        prepare(environment, Part.LEARNER, steps)
        return start(environment, Layout.current(), steps, not words.no_browser, words.port)
    if words.word == "setup":
        prepare(environment, Part.LEARNER, steps)
        return 0
    if words.word == "run":
        prepare(environment, Part.LEARNER, steps)
        return run_hosted(environment, Layout.current(), words.program)
    if words.word == "doctor":
        return doctor.main(environment, words.json)
    prepare(environment, Part.TESTS, steps)
    if words.word == "test":
        return testing.main(environment, words.tier, for_pytest)
    return testing.run_module(environment, words.module, words.arguments)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(
        prog="lab.py",
        description="Without a word: sets the kit up if needed and opens the first notebook.",
    )
    top.add_argument("--no-browser", action="store_true", help="only print the address")
    top.add_argument("--port", type=int, help="the port of JupyterLab; else the first free one")
    top.set_defaults(word=None)
    words = top.add_subparsers(title="other words", metavar="WORD", dest="word")

    text = "only set up: for Binder, CI, and the evening before a class"
    words.add_parser("setup", help=text, description=text)

    text = "run a program with the kit's environment, as Binder does with its Jupyter"
    run_word = words.add_parser("run", help=text, description=text)
    run_word.add_argument("program", nargs=argparse.REMAINDER, metavar="WORDS")

    doctor_word = words.add_parser("doctor", help="is this machine ready? each finding with a mend")
    doctor_word.add_argument("--json", action="store_true", help="answer for a program")

    test = words.add_parser(
        "test",
        help="all tests that CI runs; further words go to pytest",
        description="Further words go to pytest: lab.py test tests/unit/world -k clock",
    )
    tier = test.add_mutually_exclusive_group()
    tier.add_argument(
        "--quick", dest="tier", action="store_const", const="quick", help="within a minute"
    )
    tier.add_argument(
        "--soak", dest="tier", action="store_const", const="soak", help="what takes long"
    )
    test.set_defaults(tier="full")

    for name, module, text in (
        ("walk", "widgets.lab.walk", "execute the whole course, solved, without a browser"),
        ("render", "widgets.lab.render", "execute the notebooks in order and store the outputs"),
        ("bench", "tests.benchmarks", "measure: checks, pipeline, MLflow UI, memory"),
    ):
        word = words.add_parser(name, help=text, description=text)
        word.set_defaults(module=module, arguments=[])
        if name in ("render", "bench"):
            word.add_argument("arguments", nargs="*", metavar="NAME", help="only these")
    return top
