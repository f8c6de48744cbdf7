"""A second person's yes to a version that is no routine: signed with that person's own key."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import mlflow
from mlflow.entities.model_registry import ModelVersion

from flights.deploy import person
from flights.facts import files_of
from flights.journal import record
from flights.keys import (
    SECOND,
    KeyLostError,
    is_signed,
    keys_folder,
    make_pair,
    read_private,
    read_public,
)
from flights.registry import NoSuchModelError, find
from flights.settings import Settings, read_settings
from flights.signing import SIGNATURE, sha256
from flights.store import StoreError, connect


def approved_text(version: ModelVersion, who: str, settings: Settings) -> bytes:
    """Return what an approval signs: who says it of which version, with exactly these files."""
    file = files_of(version, settings) / SIGNATURE
    files = sha256(file.read_bytes()) if file.exists() else "unsigned"
    return f"{settings.model}:{version.version}:{version.run_id}:{files}:{who}".encode()


def approve(version: ModelVersion, key: Path, reason: str, settings: Settings) -> None:
    """Write an approval into the registry and into the log.

    Raises
    ------
    KeyLostError
        If the key cannot be read.
    ValueError
        If no reason is given.
    """
    if not reason.strip():
        raise ValueError("say why: --reason")
    who = person(settings)
    signature = read_private(key).sign(approved_text(version, who, settings)).hex()
    tags = {"approval.by": who, "approval.reason": reason, "approval.signature": signature}
    for name, text in tags.items():
        mlflow.MlflowClient().set_model_version_tag(settings.model, version.version, name, text)
    number = int(version.version)
    id = f"approval-{number}"
    record("approval", "given", id, settings, actor=who, cause=reason, version=number)


def read_approval(version: ModelVersion, settings: Settings) -> str:
    """Return who has approved a version with the second key, or nothing."""
    who = version.tags.get("approval.by", "")
    try:
        key = read_public(settings, SECOND)
    except KeyLostError:
        return ""
    signature = version.tags.get("approval.signature")
    return who if is_signed(approved_text(version, who, settings), signature, key) else ""


def main(argv: Sequence[str] | None = None) -> int:
    """Make the second key, or approve with it; return 0, or 1 if it could not be done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="a version or an alias")
    parser.add_argument("--key", type=Path, required=True, help="the second person's private key")
    parser.add_argument("--make-key", action="store_true", help="make that key first")
    parser.add_argument("--reason", default="", help="why: it is written down")
    words = parser.parse_args(argv)
    settings = read_settings()
    try:
        connect(settings)
        if words.make_key:
            make_pair(words.key, keys_folder(settings) / f"{SECOND}.pub")
            print(
                f"the second key is {words.key}: it belongs to another person, on another machine"
            )
        if words.name:
            approve(find(words.name, settings), words.key, words.reason, settings)
            print("approved: now ask the policy again, python -m flights.policy")
    except (KeyLostError, NoSuchModelError, StoreError, ValueError) as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
