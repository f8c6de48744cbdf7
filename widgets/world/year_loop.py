"""The learner's loop as the year's world sees it: a process that is told the time, and answers."""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Any

from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.base.processes import NEW_GROUP, OWN_GROUP, end_family
from widgets.world.year_process import environment, last_words

MODULE = "flights.loop"
PATIENCE = 120.0  # seconds for one answer: a training is among them
END_SECONDS = 10.0  # to end in order when its input has ended
LONGEST = 1 << 20  # bytes of one answer
SHOWN = 200  # characters of an answer that makes no sense
MEND = (
    "Nothing is lost: `maturity year` goes on where it stopped. If your loop must be mended first "
    "(exercise 4.3), bring the mended one to main and begin anew: `maturity year --again`."
)
Event = Mapping[str, Any]


class LoopError(KitError):
    """The loop did not answer as agreed; the message holds its last words."""


class Loop:
    """The running loop of the project in a workspace; used in a `with`.

    It ends when its input does: so it does not outlive this process, whatever ends that.

    Parameters
    ----------
    year : Layout
        The workspace.
    patience : float, optional
        Seconds to wait for one answer.
    """

    def __init__(self, year: Layout, patience: float = PATIENCE) -> None:
        self._year = year
        self._patience = patience
        self._said: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.log = year.logs / "loop.log"

    def __enter__(self) -> "Loop":
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._began = log.tell()
            self._process = subprocess.Popen(
                [sys.executable, "-m", MODULE],
                env=environment(self._year),
                cwd=self._year.project,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=OWN_GROUP,  # a Ctrl-C here is not meant for it
                creationflags=NEW_GROUP,
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        with suppress(OSError):
            self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(END_SECONDS if error is None else 1.0)
        end_family(self._process)
        self._reader.join(1.0)
        if not self._reader.is_alive():  # a stray child may hold the pipe open
            self._process.stdout.close()

    def tell(self, now: datetime) -> Sequence[Event]:
        """Tell the loop that it is `now`; return the events that came of it.

        Raises
        ------
        LoopError
            If it dies, answers nothing in time, or something else than was agreed.
        """
        asked = now.isoformat()
        assert self._process.stdin is not None
        with suppress(OSError):  # one that has died is met in what it does not say
            self._process.stdin.write(json.dumps({"now": asked}).encode() + b"\n")
            self._process.stdin.flush()
        try:
            said = self._said.get(timeout=self._patience)
        except queue.Empty:
            raise self._fault(f"did not answer to {asked} in {self._patience:g} s.") from None
        if not said:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(1.0)
            code = self._process.poll()
            how = "closed its standard output" if code is None else f"ended with code {code}"
            raise self._fault(f"{how} when it was told {asked}.")
        return self._understood(said, now)

    def _understood(self, said: bytes, now: datetime) -> Sequence[Event]:
        shown = repr(said.decode("utf-8", errors="replace").strip()[:SHOWN])
        try:
            answer = json.loads(said)
            about = datetime.fromisoformat(answer["now"])
            problem = answer.get("error")
            events = answer.get("events", [])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._fault(
                f"answered {shown} to {now.isoformat()}. An answer is one line of JSON with "
                '"now" and "events"; whatever else it prints must go to sys.stderr.'
            ) from None
        if about != now:
            raise self._fault(f"was told {now.isoformat()} and answered about another now: {shown}")
        if problem:
            raise self._fault(f"could not go on at {now.isoformat()}: {problem}")
        if not isinstance(events, list) or not all(isinstance(each, dict) for each in events):
            raise self._fault(f"answered with events that are no list of entries: {shown}")
        return events

    def _fault(self, what: str) -> LoopError:
        with self.log.open("rb") as log:
            log.seek(self._began)
            said = log.read().decode("utf-8", errors="replace")
        return LoopError(f"Your loop {what} {last_words(said)}\nAll: {self.log}\n{MEND}")

    def _read(self) -> None:
        assert self._process.stdout is not None
        with suppress(OSError, ValueError):
            while said := self._process.stdout.readline(LONGEST):
                self._said.put(said)
        self._said.put(b"")
