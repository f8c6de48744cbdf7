"""The audit log: the event log, in which every change would show.

Each line holds the hash of the line before (a hash chain), so a line that was edited, removed,
inserted or moved breaks it. A chain that is cut at its end still holds together: so its length and
its last hash, the head, are signed and kept in another place.
"""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from flights import clock
from flights.events import Event, append_line, events_file
from flights.keys import KeyLostError, is_signed, keys_folder, read_public, sign
from flights.router import write_whole
from flights.settings import Settings, read_settings

Entry = Mapping[str, Any]
TAIL = 64 * 1024  # bytes at the log's end in which its last line is looked for


@dataclass(frozen=True)
class Audit:
    """What the verifier found.

    Attributes
    ----------
    lines : int
        How many lines the chain has.
    problem : str
        The first thing that is wrong; empty if nothing is.
    torn : int
        Lines that a kill left half written; they are none of the chain's.
    """

    lines: int
    problem: str
    torn: int = 0


def append(event: Event, settings: Settings) -> None:
    """Write an event at the chain's end, and sign the new head.

    Raises
    ------
    OSError
        If it cannot be written: then nothing of it is, and what it tells must not happen.
    """
    file = events_file(settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(file.with_suffix(".lock")):
        if last := last_entry(file):
            entry = chained(event, last["seq"] + 1, last["hash"])
        else:  # the chain begins, and vouches for what stood there before it
            before = file.read_bytes() if file.exists() else b""
            entry = chained(event, 0, hashlib.sha256(before).hexdigest())
        write_line(file, entry)
        sign_head(entry, settings)


def chained(event: Event, seq: int, prev: str) -> dict[str, Any]:
    """Return an event as the line that follows the line with the hash `prev`."""
    entry: dict[str, Any] = asdict(event) | {"seq": seq, "prev": prev}
    entry["event_time"] = event.event_time or clock.event_time()
    return entry | {"hash": digest(entry)}


def digest(entry: Entry) -> str:
    """Return the hash of an entry: of the hash before it, and of everything that it says."""
    told = {name: value for name, value in entry.items() if name != "hash"}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((str(entry["prev"]) + text).encode()).hexdigest()


def write_line(file: Path, entry: Entry) -> None:
    """Write a line whole, or not at all."""
    size = file.stat().st_size if file.exists() else 0
    try:
        append_line(file, json.dumps(entry))
    except OSError:  # the disk is full: half a line must not stay
        if file.exists():
            os.truncate(file, size)
        raise


def last_entry(file: Path) -> Entry | None:
    """Return the last line of the chain, or None if it has not begun."""
    if not file.exists():
        return None
    size = file.stat().st_size
    with file.open("rb") as log:
        for back in (TAIL, size):
            log.seek(max(0, size - back))
            found = [entry for _, entry in entries(log.read()) if "hash" in entry]
            if found:
                return found[-1]
    return None


def entries(text: bytes) -> Iterator[tuple[int, Entry]]:
    """Yield each whole line of a log with its number, counted from 1; torn ones are left out."""
    for number, line in enumerate(text.splitlines(), 1):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield number, entry


def sign_head(entry: Entry, settings: Settings) -> None:
    """Sign how long the chain is, and its last hash, and keep that apart from the log.

    A lost key stops no production: it is said, and the verifier goes on saying it.
    """
    length = entry["seq"] + 1
    try:
        signature = sign(head_text(length, entry["hash"]), settings)
    except KeyLostError as error:
        print(f"the audit log's head is not signed: {error}", file=sys.stderr)
        return
    head = {"length": length, "hash": entry["hash"], "signature": signature}
    write_whole(keys_folder(settings) / "audit-head.json", json.dumps(head))


def head_text(length: int, hash: str) -> bytes:
    """Return what is signed of a head."""
    return f"{length}:{hash}".encode()


def first_broken(chain: Sequence[tuple[int, Entry]]) -> str:
    """Return what is wrong with the first broken line of a chain, or nothing.

    Parameters
    ----------
    chain : sequence of (int, entry)
        The lines from the beginning of the chain on, each with its number in the file.
    """
    prev = chain[0][1].get("prev") if chain else None
    for place, (number, entry) in enumerate(chain):
        if "hash" not in entry or entry.get("seq") != place:
            return f"line {number}: number {place} of the chain should stand here"
        if entry.get("prev") != prev:
            return f"line {number}: it does not follow the line before it"
        if entry["hash"] != digest(entry):
            return f"line {number}: what it says was changed"
        prev = entry["hash"]
    return ""


def verify(settings: Settings) -> Audit:
    """Hold the log against its chain and its signed head; return the first thing that is wrong."""
    file = events_file(settings)
    text = file.read_bytes() if file.exists() else b""
    whole = list(entries(text))
    begin = next((at for at, (_, each) in enumerate(whole) if "hash" in each), None)
    if begin is None:
        return Audit(0, f"{file}: no line is chained yet")
    chain = whole[begin:]
    torn = len(text.splitlines()) - len(whole)
    before = b"".join(text.splitlines(keepends=True)[: chain[0][0] - 1])
    if chain[0][1].get("prev") != hashlib.sha256(before).hexdigest():
        return Audit(
            len(chain), f"line {chain[0][0]}: what stood before the chain was changed", torn
        )
    return Audit(len(chain), first_broken(chain) or head_problem(chain, settings), torn)


def head_problem(chain: Sequence[tuple[int, Entry]], settings: Settings) -> str:
    """Return what is wrong with the signed head of a chain that holds together, or nothing."""
    file = keys_folder(settings) / "audit-head.json"
    try:
        head = json.loads(file.read_text(encoding="utf-8"))
        length, last = int(head["length"]), str(head["hash"])
        key = read_public(settings)
    except (OSError, ValueError, KeyError, TypeError, KeyLostError) as error:
        return f"the signed head cannot be read ({type(error).__name__}: {error})"
    if not is_signed(head_text(length, last), head.get("signature"), key):
        return f"the head in {file} is not signed with this workspace's key"
    if length > len(chain):
        return f"the log was cut: {length} lines were signed, {len(chain)} are there"
    if chain[length - 1][1]["hash"] != last:
        return f"line {chain[length - 1][0]}: another line was signed as number {length - 1}"
    if length < len(chain):
        return f"line {chain[length][0]}: it is younger than the signed head"
    return ""


def main(argv: Sequence[str] | None = None) -> int:
    """Verify the log; return 0 if nothing is wrong, otherwise 1."""
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args(argv)
    found = verify(read_settings())
    torn = f", {found.torn} half-written by a kill" if found.torn else ""
    print(found.problem or f"{found.lines} lines, none was changed{torn}")
    return 1 if found.problem else 0


if __name__ == "__main__":
    raise SystemExit(main())
