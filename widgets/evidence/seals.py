"""Checks what a project's governance leaves behind: the audit log's chain, and signed models.

Nothing of the project is imported: the forms are those that the kit and the project agreed on.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Chain:
    """An audit log, as far as it can be believed.

    Attributes
    ----------
    entries : tuple of mapping
        The lines from the beginning of the chain on.
    problem : str
        The first thing that is wrong with it; empty if nothing is.
    """

    entries: tuple[Entry, ...]
    problem: str


def read_chain(log: Path, keys: Path) -> Chain:
    """Return the chain of an event log, held against its hashes and its signed head."""
    try:
        lines = log.read_bytes().splitlines(keepends=True)
    except OSError as error:
        return Chain((), f"{log.name} cannot be read: {type(error).__name__}")
    whole = [(at, entry) for at, line in enumerate(lines) if (entry := parsed(line)) is not None]
    begin = next((n for n, (_, each) in enumerate(whole) if "hash" in each), None)
    if begin is None:
        return Chain((), "no line is chained")
    chain = whole[begin:]
    entries = tuple(entry for _, entry in chain)
    before = hashlib.sha256(b"".join(lines[: chain[0][0]])).hexdigest()
    if entries[0].get("prev") != before:
        return Chain(entries, "what stood before the chain was changed")
    prev = before
    for place, (at, entry) in enumerate(chain):
        if (entry.get("seq"), entry.get("prev")) != (place, prev):
            return Chain(entries, f"line {at + 1} does not follow the one before it")
        if entry.get("hash") != digest(entry):
            return Chain(entries, f"line {at + 1} was changed")
        prev = str(entry["hash"])
    return Chain(entries, head_problem(entries, keys))


def parsed(line: bytes) -> Entry | None:
    """Return a line's JSON object, or None if it is torn."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def digest(entry: Entry) -> str:
    """Return the hash that a line has to have."""
    told = {name: value for name, value in entry.items() if name != "hash"}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((str(entry.get("prev")) + text).encode()).hexdigest()


def head_problem(entries: Sequence[Entry], keys: Path) -> str:
    """Return what is wrong with the signed head of a whole chain, or nothing."""
    try:
        head = json.loads((keys / "audit-head.json").read_text(encoding="utf-8"))
        length, last = int(head["length"]), str(head["hash"])
        signed = is_signed(f"{length}:{last}".encode(), head["signature"], public_key(keys))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"its signed head cannot be read ({type(error).__name__})"
    if not signed:
        return "its head is not signed with the workspace's key"
    if length > len(entries):
        return f"it was cut: {length} lines were signed, {len(entries)} are there"
    if length < len(entries):
        return f"{len(entries) - length} lines are younger than its signed head"
    return "" if entries[-1].get("hash") == last else "its head is that of another chain"


def public_key(keys: Path) -> Ed25519PublicKey:
    """Return the public key with which a workspace's signatures are checked.

    Raises
    ------
    OSError, ValueError
        If it is not there, or is none.
    """
    key = load_pem_public_key((keys / "signing.pub").read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("signing.pub is no Ed25519 key")
    return key


def is_signed(data: bytes, signature: object, key: Ed25519PublicKey) -> bool:
    """Return whether a signature in hexadecimal digits is that of these bytes."""
    try:
        key.verify(bytes.fromhex(str(signature)), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def model_problem(folder: Path, keys: Path, card_digest: str) -> str:
    """Return what is wrong with a model's card and signature, or nothing.

    Parameters
    ----------
    folder : Path
        The model's files.
    keys : Path
        The folder with the public key.
    card_digest : str
        The card's SHA-256, as the registry has it.
    """
    try:
        card = (folder / "card.md").read_bytes()
    except OSError:
        return "it has no card"
    if hashlib.sha256(card).hexdigest() != card_digest:
        return "its card is not the one that was released"
    try:
        signed = json.loads((folder / "signature.json").read_text(encoding="utf-8"))
        files = dict(signed["files"])
        text = json.dumps(files, sort_keys=True, separators=(",", ":")).encode()
        ours = is_signed(text, signed["signature"], public_key(keys))
        there = {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file() and path.name != "signature.json"
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"its signature cannot be read ({type(error).__name__})"
    if not ours:
        return "it is not signed with the workspace's key"
    changed = sorted(name for name in files.keys() | there.keys()
                     if files.get(name) != there.get(name))  # fmt: skip
    return f"{changed[0]} is not as it was signed" if changed else ""
