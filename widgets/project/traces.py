"""Finds what describes a practice without proving it: by one table, with no code for any tool."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import cache, cached_property
from pathlib import Path

from pydantic import Field, RootModel, field_validator

from widgets.base.content import Content, read_yaml
from widgets.project.snapshot import Texts

TABLE = Path(__file__).with_name("traces.yaml")
READ = 4000  # files whose text is looked at, those nearest to the root first
LINE = 400  # characters of a line; whoever writes longer ones has not written them for people


class Trace(Content):
    """A line of the table: a tool is seen by a file, or by a line in it."""

    tool: str
    files: tuple[str, ...] = Field(min_length=1)
    text: str = ""

    @field_validator("text")
    @classmethod
    def is_pattern(cls, text: str) -> str:
        """Refuse what is no regular expression."""
        re.compile(text)
        return text

    @cached_property
    def _files(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{translate(each)})" for each in self.files))

    @cached_property
    def _text(self) -> re.Pattern[str]:
        return re.compile(self.text)

    def may_be(self, path: str) -> bool:
        """Return whether a file's path fits one of the patterns."""
        return bool(self._files.match(path) or self._files.match(path.rpartition("/")[2]))

    def line_of(self, text: str) -> int | None:
        """Return the number of the first line that fits, from 1; None if none does."""
        for number, line in enumerate(text.splitlines(), 1):
            if self._text.search(line[:LINE]):
                return number
        return None


class Table(RootModel[dict[str, tuple[Trace, ...]]]):
    """All traces, by practice."""


@dataclass(frozen=True)
class Seen:
    """A trace that was found: `where` is `path:line`, or a path."""

    tool: str
    where: str


@cache
def traces() -> Mapping[str, tuple[Trace, ...]]:
    """Return the kit's table."""
    return read_yaml(TABLE, Table).root


def find_traces(
    paths: Iterable[str],
    texts: Texts,
    notes: list[str],
    tick: Callable[[int, int], None] = lambda done, of: None,
) -> dict[str, list[Seen]]:
    """Return what was found, by practice: each tool once, at its first place.

    Parameters
    ----------
    paths : iterable of str
        The project's files.
    texts : Texts
        Reads them.
    notes : list of str
        Is given what was left out.
    tick : callable
        Called with how many files were read, of how many.
    """
    table = [(practice, each) for practice, lines in traces().items() for each in lines]
    any_file = re.compile("|".join(f"(?:{translate(f)})" for _, t in table for f in t.files))
    near = sorted(
        (path for path in paths if any_file.match(path) or any_file.match(path.rpartition("/")[2])),
        key=lambda path: (path.count("/"), path),
    )
    found: dict[tuple[str, str], Seen] = {}
    asked: dict[str, list[tuple[str, Trace]]] = {}
    for path in near:
        for practice, trace in table:
            if trace.may_be(path):
                if trace.text:
                    asked.setdefault(path, []).append((practice, trace))
                else:
                    found.setdefault((practice, trace.tool), Seen(trace.tool, path))
    if len(asked) > READ:
        notes.append(f"of {len(asked):,} files that may hold traces, {READ:,} were read")
    several = list(asked)[:READ]
    for begin in range(0, len(several), 200):
        some = several[begin : begin + 200]
        texts.fetch(some)
        for path in some:
            for practice, seen in _in_text(path, texts.read(path), asked[path]):
                found.setdefault((practice, seen.tool), seen)
        tick(begin + len(some), len(several))
    by_practice: dict[str, list[Seen]] = {}
    for (practice, _), seen in found.items():
        by_practice.setdefault(practice, []).append(seen)
    return by_practice


def _in_text(
    path: str, text: str | None, asked: Iterable[tuple[str, Trace]]
) -> Iterator[tuple[str, Seen]]:
    if text is None:
        return
    for practice, trace in asked:
        if (line := trace.line_of(text)) is not None:
            yield practice, Seen(trace.tool, f"{path}:{line}")
