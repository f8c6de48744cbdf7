"""What one learner does in 2.1 to 2.4, by the solution's own code, and what should be left of it.

Run as a program it lets many do so at once, a process each, against what MLFLOW_TRACKING_URI
names, and prints what each wrote as JSON: `python tests/soak/learner.py FOLDER NUMBER`. It is
started with the project on PYTHONPATH; `servers.py` and `test_team.py` are its surroundings.
"""

import contextlib
import io
import json
import multiprocessing
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

TRACKED = 1  # training by hand
SLOW_IMPORTS = ["flights.pipeline", "flights.registry", "mlflow.sklearn", "pandera.pandas"]
SLOW_IMPORTS += ["skops.io", "pyarrow.parquet", "sklearn.ensemble"]


@dataclass
class Done:
    """What a learner wrote, as the learner knows it.

    Attributes
    ----------
    name : str
        Of the experiment and of the model.
    runs : dict
        Of each run its params and metrics.
    seconds : list of float
        How long the logging of each run took.
    version_runs : list of str
        The versions' runs, in order.
    p : list of float
        What the champion answered for its two example flights, before it was logged.
    errors : list of str
        What failed.
    """

    name: str
    runs: dict[str, dict[str, dict[str, float | str]]] = field(default_factory=dict)
    failed: int = 0
    seconds: list[float] = field(default_factory=list)
    version_runs: list[str] = field(default_factory=list)
    p: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0


def learn(folder: str, start: object) -> dict[str, object]:
    """Do one learner's work in a workspace of their own."""
    root = Path(folder)
    done = Done(name=root.name)
    os.environ |= {
        "FLIGHTS_WORKSPACE": str(root),
        "FLIGHTS_EXPERIMENT": root.name,
        "FLIGHTS_MODEL": root.name,
        "FLIGHTS_ACTOR": root.name,
    }
    start.wait()  # all at once
    done.began = time.time()
    for part in (track, refuse, register, champion, again):
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                part(root, done)
        except Exception as error:
            done.errors.append(f"{part.__name__}: {type(error).__name__}: {error}")
    done.ended = time.time()
    return asdict(done)


def logged(training, labels, settings, done: Done) -> str:
    """Log a training as the project does, note what was logged and how long it took."""
    from flights import tracking
    from flights.training import parameters

    began = time.perf_counter()
    run_id = tracking.log_training(training, labels, settings)
    done.seconds.append(time.perf_counter() - began)
    metrics = training.measures.overall | {"fit_seconds": training.fit_seconds}
    days = training.measures.by_day
    metrics["log_loss_by_day"] = list(days.values())[-1]
    params = {name: str(value) for name, value in parameters(training).items()}
    done.runs[run_id] = {"params": params, "metrics": metrics, "days": {"n": len(days)}}
    return run_id


def track(root: Path, done: Done) -> None:
    """2.1: a few trainings by hand, each a run."""
    from flights.code import code_version
    from flights.settings import read_settings
    from flights.store import one_at_a_time
    from flights.tracking import data_digest, tags
    from flights.train import load_flights
    from flights.training import train_and_measure

    settings = read_settings(root / "project")
    flights = load_flights(settings.data)
    for _ in range(TRACKED):
        training = train_and_measure(flights)
        labels = tags(settings, code_version(settings.root), data_digest(flights), "manual")
        with one_at_a_time(settings):
            logged(training, labels, settings, done)


def refuse(root: Path, done: Done) -> None:
    """2.2: a bad month is refused by the contract, and a failed run says so."""
    import pandas as pd

    from flights.pipeline import StepError, run_pipeline
    from flights.settings import read_settings

    settings = read_settings(root / "project")
    month = settings.data / "2013-01.parquet"
    good = month.read_bytes()
    pd.read_parquet(month).assign(distance=-1.0).to_parquet(month)
    try:
        run_pipeline(settings)
        done.errors.append("refuse: bad data were trained on")
    except StepError:
        done.failed += 1
    finally:
        month.write_bytes(good)


def register(root: Path, done: Done) -> None:
    """2.3: the pipeline, which registers a version; its second call finds it."""
    pipeline(root, done, repeated=False)
    pipeline(root, done, repeated=True)


def champion(root: Path, done: Done) -> None:
    """2.4: the alias, and the lineage of what it points to."""
    from flights.registry import make_champion, which_model
    from flights.settings import read_settings

    settings = read_settings(root / "project")
    number = make_champion("candidate", "the first of its kind", settings)
    found = which_model("champion", settings)
    if found.version != number or found.run_id != done.version_runs[0]:
        done.errors.append(f"champion: version {number}, but the alias gave {found}")


def again(root: Path, done: Done) -> None:
    """A change of the code, committed: a second version; the champion stays."""
    (root / "project" / "NEWS.md").write_text("changed\n", encoding="utf-8")
    commit(root / "project", "A change")
    pipeline(root, done, repeated=False)


def pipeline(root: Path, done: Done, repeated: bool) -> None:
    """Run the project's pipeline, its logging timed."""
    import flights.pipeline as own
    from flights.features import build_features, labelled
    from flights.settings import read_settings
    from flights.store import one_at_a_time

    settings = read_settings(root / "project")

    def timed(training, labels, settings):
        run_id = logged(training, labels, settings, done)
        done.version_runs.append(run_id)
        if len(done.version_runs) == 1:
            rows = build_features(labelled(training.last_days)).dropna().head(2)
            done.p = [float(p) for p in training.model.predict_proba(rows)[:, 1]]
        return run_id

    own.log_training = timed
    with one_at_a_time(settings):
        outcome = own.run_pipeline(settings)
    if outcome.repeated is not repeated:
        done.errors.append(f"pipeline: repeated is {outcome.repeated}, not {repeated}")


def commit(project: Path, message: str) -> None:
    """Commit everything in a project."""
    who = [
        "-c",
        "user.name=learner",
        "-c",
        "user.email=learner@localhost",
        "-c",
        "commit.gpgSign=0",
    ]
    for words in (["add", "--all"], ["commit", "-qm", message]):
        subprocess.run(["git", *who, *words], cwd=project, check=True)


def main(folder: str, number: str) -> int:
    """Let them all learn at once; print what each wrote."""
    names = [str(Path(folder) / f"flights-{each:02}") for each in range(1, int(number) + 1)]
    ways = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in ways else "spawn")
    if "forkserver" in ways:
        context.set_forkserver_preload(SLOW_IMPORTS)  # imported once, then thirty times forked
    with context.Manager() as manager, context.Pool(len(names)) as class_:
        start = manager.Barrier(len(names))
        print(json.dumps(class_.starmap(learn, [(name, start) for name in names], chunksize=1)))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
