"""Nobody presses the button: what happens when main moves."""

from flights.code import code_version
from flights.pipeline import describe, run_pipeline
from flights.settings import read_settings
from flights.store import one_at_a_time


def on_main(commit: str) -> None:
    """Train `commit`, of which the present folder is a clean checkout.

    Called in a process of its own when main has moved to `commit`. Trainings wait for one
    another; the same commit on the same data is trained once.

    Raises
    ------
    ValueError
        If the folder holds another commit, or changes that are not committed.
    """
    settings = read_settings()
    code = code_version(settings.root)
    if code.commit != commit or code.dirty:
        changed = ", with changes" if code.dirty else ""
        raise ValueError(f"asked for {commit}, but here is {code.commit}{changed}")
    with one_at_a_time(settings):
        print(describe(run_pipeline(settings, trigger="push")), flush=True)
