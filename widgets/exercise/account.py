"""Keeps account of a running check: takes the worker's events, and makes the result of them."""

import contextlib
import json
import signal
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from widgets.exercise.result import CheckResult, Event, Item, Outcome

OnEvent = Callable[[Event], None]
OUTPUT_SHOWN = 4000  # characters


class Account:
    """What is known of a running check so far.

    Parameters
    ----------
    on_event : callable
        Told each event that a person may want to see.

    Attributes
    ----------
    done : bool
        Whether the check has come to its end.
    stopped : bool
        Whether somebody stopped it.
    place : str or None
        The line that was running, once the worker has been asked.
    """

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._wanted: list[str] = []
        self._ended: dict[str, list[tuple[Outcome, str]]] = {}
        self._now = ""
        self._broken = ""
        self._is_learners = False
        self._why = ""
        self._said: list[str] = []
        self.done = False
        self.stopped = False
        self.place: str | None = None

    def take(self, lines: Iterable[bytes]) -> None:
        """Take what the worker wrote, a line an event."""
        for line in lines:
            with contextlib.suppress(ValueError):  # a line that the learner's code has written
                self._take(json.loads(line))

    def _take(self, words: dict[str, Any]) -> None:
        kind, text, message = (str(words.get(key, "")) for key in ("kind", "text", "message"))
        outcome = Outcome(words["outcome"]) if "outcome" in words else None
        wanted = tuple(str(item) for item in words.get("items", ()))
        if kind == "collected":
            # Once, before any code of the learner's runs: what comes later is not the worker's.
            self._wanted = self._wanted or list(dict.fromkeys(wanted))
        elif kind == "start":
            self._now = text
        elif kind == "say":
            self._said.append(text)
        elif kind == "end" and outcome is not None:
            self._ended.setdefault(text, []).append((outcome, message))
        elif kind == "broken":
            self._broken, self._is_learners = message, text == "yours"
        elif kind == "interrupted":
            self._why = message
        elif kind == "where":
            self.place = text
        else:
            self.done = kind == "done"
        if kind in ("collected", "start", "say", "end", "broken"):
            self._on_event(Event(kind, text, outcome, message, wanted))

    def result(self, exercise: str, seconds: float, why: str, output: str) -> CheckResult:
        """Return the result; `why` says what kept the check from coming to its end."""
        why = why or self._why
        items = [self._item(wanted, why) for wanted in self._wanted]
        if not items:
            items = [self._nothing_checked(exercise, why, output)]
        return CheckResult(
            exercise,
            tuple(_said_once(items)),
            seconds,
            tuple(self._said),
            output[-OUTPUT_SHOWN:],
            self.stopped,
        )

    def _item(self, wanted: str, why: str) -> Item:
        ends = self._ended.get(wanted, [])
        failed = [message for outcome, message in ends if outcome is Outcome.FAILED]
        if failed:
            return Item(wanted, Outcome.FAILED, "\n".join(dict.fromkeys(failed)))
        now = self._now or self._wanted[0]  # stopped before the first was begun
        if wanted == now and why:
            return Item(wanted, Outcome.FAILED, why)
        if ends:
            return Item(wanted, Outcome.PASSED)
        return Item(wanted, Outcome.NOT_REACHED)

    def _nothing_checked(self, exercise: str, why: str, output: str) -> Item:
        if self._is_learners:
            return Item("Your files can be read.", Outcome.FAILED, self._broken)
        said = (self._broken or why, output[-2000:].strip())
        fault = "\n".join(filter(None, said)) or "no requirement was found"
        text = f"The check of {exercise} could not be run. This is a fault of the kit:\n{fault}"
        return Item("The check can be run.", Outcome.FAILED, text)


def too_long(limit: float, place: str) -> str:
    """Return why a check was stopped that did not end by itself."""
    return (
        f"It was stopped after {limit:.0f} seconds. Is there a loop that does not end, or "
        f"something that waits?{place} If this machine is just busy, check again."
    )


def death(code: int) -> str:
    """Return what an exit code says about a worker that ended in the middle of its check."""
    if code >= 0:
        return (
            f"Your code ended the process (exit code {code}) while this was checked: is there an "
            "os._exit() or an exit() in it?"
        )
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return (
        f"The process was ended by {name} while this was checked. Did your code take more "
        "memory than there is, or crash a library?"
    )


def _said_once(items: list[Item]) -> list[Item]:
    """Shorten a message that an earlier item has given already: one cause is told once."""
    told: dict[str, str] = {}
    short = []
    for item in items:
        if item.message and item.message in told:
            item = replace(item, message=f"For the same reason as: {told[item.message]}")
        elif item.message:
            told[item.message] = item.requirement
        short.append(item)
    return short
