"""A process like a learner's kernel: it does what each line of its input asks for.

It answers each with one line of JSON, and only when the thing is done: what was answered has been
confirmed. So a test may kill it at any moment and say what must be there.
"""

import ctypes
import json
import os
import sys

from widgets.base.errors import KitError
from widgets.kit import Kit, current_kit
from widgets.quiz.bank import load_bank
from widgets.quiz.session import QuizSession

BANK = load_bank("start")
QUESTION = next(each for each in BANK.questions if each.type == "single")
ABOVE_FILE_MODES = 0b110  # of Linux's capabilities: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH


def main() -> None:
    """Answer line by line until the input ends."""
    kit = current_kit()
    for line in sys.stdin:
        verb, *words = line.split()
        try:
            answer = {"done": do(kit, verb, words)}
        except KitError as error:
            answer = {"problem": str(error)}
        print(json.dumps(answer), flush=True)
    kit.checker.close()


def do(kit: Kit, verb: str, words: list[str]) -> object:
    """Do one thing, as the widgets of a notebook do it; return what a person would see of it."""
    match verb:
        case "start":
            return kit.start()
        case "limit":  # the size of a file that may be written: 0 is like a disk without room
            limit_files(int(words[0]))
        case "obey":
            obey_file_modes()
        case "answer":
            session = QuizSession(BANK, kit.progress, seed=1)
            feedback = session.answer(QUESTION.id, session.options(QUESTION.id)[0].key)
            return session.problem or feedback.tries
        case "check":
            result = kit.verbs.check(kit.exercise(words[0]))
            return [result.passed, *(item.message for item in result.items)]
        case "hint":
            return kit.verbs.hint(kit.exercise(words[0])).number
        case "solve":
            return len(kit.verbs.use_solution(kit.exercise(words[0])).files)
        case "reset":
            return len(kit.verbs.reset(kit.exercise(words[0])).files)
        case "standing":
            return str(kit.verbs.standing(kit.exercise(words[0])))
        case "nights":
            return str(kit.world.advance(int(words[0])))
    return None


def limit_files(size: int) -> None:
    """Let no file be written beyond `size` bytes; a negative one takes the limit away."""
    import resource

    highest = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (highest if size < 0 else size, highest))


def obey_file_modes() -> None:
    """Let what is read-only be read-only, even if the tests run as root."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc.capget(header, sets)
    sets[0] &= ~ABOVE_FILE_MODES
    if libc.capset(header, sets):
        raise OSError(ctypes.get_errno(), "capset")


if __name__ == "__main__":
    main()
