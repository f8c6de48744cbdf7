"""Writes to a console, whatever it can show: Windows' code pages, a pipe, a reader that leaves."""

import codecs
import os
import sys

# What a console shows that does not have such a letter.
PLAIN = {"✓": "ok", "✗": "no", "–": "--", "…": "...", "→": "->", "·": "-", "×": "x", "é": "e"}
PLAIN |= dict.fromkeys("“”„", '"') | dict.fromkeys("‘’", "'")


def use_plain_letters() -> None:
    """Let both streams write plain letters in place of those that they cannot encode."""
    codecs.register_error("plain", _in_plain_letters)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="plain")


def write(text: str) -> None:
    """Print a text; a reader that has seen enough, as `head` has, is no fault."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _in_plain_letters(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    missing = error.object[error.start : error.end]
    return "".join(PLAIN.get(letter, "?") for letter in missing), error.end
