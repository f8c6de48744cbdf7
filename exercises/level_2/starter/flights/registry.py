"""The registry: which models there are, what each was made from, and which one is meant."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import mlflow
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from flights.settings import Settings, read_settings
from flights.store import StoreError, connect

CANDIDATE = "candidate"  # the newest that was registered
CHAMPION = "champion"  # the one that is meant when somebody says "the model"


class NoSuchModelError(Exception):
    """There is no such version or alias; the message lists those that there are."""


@dataclass(frozen=True)
class Lineage:
    """Where a model comes from: everything that is needed to make it again.

    Attributes
    ----------
    version : int
        Its number in the registry.
    aliases : tuple of str
        The names that point to it now.
    run_id, trigger, actor : str
        The run that made it, what started that run, and who.
    commit, data_digest : str
        The code and the data.
    train_from, train_to : str
        The days that it learned from.
    log_loss : float
        How good it was on the seven days after.
    """

    version: int
    aliases: tuple[str, ...]
    run_id: str
    trigger: str
    actor: str
    commit: str
    data_digest: str
    train_from: str
    train_to: str
    log_loss: float


def which_model(name: str, settings: Settings) -> Lineage:
    """Return where the model comes from that an alias ("champion") or a number ("3") stands for.

    Raises
    ------
    NoSuchModelError
        If there is none.
    """
    connect(settings)
    # TODO 2.4: find the version, then its run (mlflow.get_run); what Lineage asks for stands in
    # the run's info and in its data: tags, params, metrics.
    raise NotImplementedError("which_model is still to be written")


def make_champion(name: str, reason: str, settings: Settings) -> int:
    """Point the alias champion at a version, write down why, and return its number.

    Parameters
    ----------
    name : str
        A number, or an alias such as "candidate".
    reason : str
        Why this one: it stays with the version, as the tag `champion.reason`.

    Raises
    ------
    NoSuchModelError
        If there is no such version; the champion stays who it was.
    ValueError
        If no reason is given.
    """
    connect(settings)
    # TODO 2.4: no champion without a reason. Write the reason down (tag champion.reason) before the
    # alias moves: what order is safe if the process is killed in between?
    raise NotImplementedError("make_champion is still to be written")


def list_versions(settings: Settings) -> list[Lineage]:
    """Return the lineage of every version, the oldest first."""
    connect(settings)
    found = mlflow.MlflowClient().search_model_versions(f"name = '{settings.model}'")
    numbers = sorted(int(version.version) for version in found)
    return [which_model(str(number), settings) for number in numbers]


def find(name: str, settings: Settings) -> ModelVersion:
    """Return the version that a number or an alias stands for.

    Raises
    ------
    NoSuchModelError
        If there is none.
    """
    client = mlflow.MlflowClient()
    try:
        if name.isdecimal():
            return client.get_model_version(settings.model, name)
        return client.get_model_version_by_alias(settings.model, name)
    except MlflowException:
        found = client.search_model_versions(f"name = '{settings.model}'")
        numbers = ", ".join(map(str, sorted(int(v.version) for v in found))) or "none yet"
        raise NoSuchModelError(
            f"{settings.model} has no {name!r}. Versions: {numbers}. An alias has to be set first."
        ) from None


def main(argv: Sequence[str] | None = None) -> int:
    """List the versions, or make one the champion; return 0, or 1 if there is none like that."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--champion", metavar="NAME", help="a version or an alias")
    parser.add_argument("--reason", default="", help="why this one")
    words = parser.parse_args(argv)
    settings = read_settings()
    try:
        if words.champion:
            print(f"champion: version {make_champion(words.champion, words.reason, settings)}")
        for made in list_versions(settings):
            names = ", ".join(made.aliases)
            print(f"version {made.version}  log loss {made.log_loss:.4f}  {made.trigger}  {names}")
    except (NoSuchModelError, StoreError, ValueError) as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
