"""Releases a version: its card is written, its files are signed, and then the gate is asked."""

import argparse
from collections.abc import Sequence

import mlflow
from mlflow.entities.model_registry import ModelVersion

from flights import gate
from flights.card import CARD, render
from flights.deploy import person
from flights.facts import files_of
from flights.journal import record
from flights.keys import KeyLostError, key_id, read_public
from flights.registry import CHAMPION, NoSuchModelError, find
from flights.router import write_whole
from flights.settings import Settings, read_settings
from flights.signing import sha256, sign_files
from flights.store import StoreError, connect


def on_registered(number: int, settings: Settings) -> None:
    """Seal a version that has just been registered, and ask the gate about it.

    What cannot be signed is judged all the same: the policy refuses it, and says why.
    """
    try:
        seal(find(str(number), settings), settings)
    except (KeyLostError, OSError) as error:
        print(f"version {number} is not signed: {error}", flush=True)
    gate.on_registered(number, settings)


def seal(version: ModelVersion, settings: Settings) -> None:
    """Write a version's card and sign its files, the card among them.

    Raises
    ------
    KeyLostError
        If there is no key to sign with.
    """
    folder = files_of(version, settings)
    card = render(version, settings)
    write_whole(folder / CARD, card)
    sign_files(folder, settings)
    told = {"card.digest": sha256(card.encode()), "signed.by": key_id(read_public(settings))}
    for name, text in told.items():
        mlflow.MlflowClient().set_model_version_tag(settings.model, version.version, name, text)


def main(argv: Sequence[str] | None = None) -> int:
    """Seal one version by hand, one from before there were keys; return 0, or 1 if it fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", default=CHAMPION, help="a version or an alias")
    words = parser.parse_args(argv)
    settings = read_settings()
    try:
        connect(settings)
        version = find(words.name, settings)
        seal(version, settings)
    except (KeyLostError, NoSuchModelError, StoreError, OSError) as error:
        print(error)
        return 1
    record(
        "signature",
        "given",
        f"signature-{version.version}",
        settings,
        actor=person(settings),
        cause="sealed by hand",
        version=int(version.version),
        run_id=version.run_id,
    )
    print(f"version {version.version} has its card and its signature")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
