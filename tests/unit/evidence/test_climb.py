"""The climb: what was seen at a level's end stays as it was seen."""

from widgets.evidence import assess
from widgets.evidence.climb import keep_step, steps
from widgets.evidence.climb_figure import climb_figure
from widgets.evidence.finding import Finding
from widgets.maturity import State, load
from widgets.progress import Progress


def proved(levels):
    model = load()
    rows = [each for level in range(1, levels + 1) for each in model.practices_of(level)]
    return assess(model, [Finding(row.id, State.PROVED, "seen", "here") for row in rows])


def test_a_step_is_seen_anew_until_a_later_one_is_kept(tmp_path):
    notes = Progress(tmp_path / "progress.sqlite")
    keep_step(notes, 1, proved(0))
    keep_step(notes, 1, proved(1))
    keep_step(notes, 2, proved(2))
    keep_step(notes, 1, proved(4))
    kept = steps(Progress(tmp_path / "progress.sqlite"))
    assert {level: step[0] for level, step in kept.items()} == {1: 1, 2: 2}
    assert kept[1][1]["version-control"] is State.PROVED
    assert kept[1][1]["model-registry"] is State.MISSING


def test_the_picture_says_in_words_what_it_shows(tmp_path):
    notes = Progress(tmp_path / "progress.sqlite")
    for level in range(4):
        keep_step(notes, level, proved(level))
    plot = climb_figure(notes, load(), proved(4))
    assert repr(plot).splitlines()[1] == "end of Level 1: 4 practices proved, Level 1"
    assert repr(plot).splitlines()[-1] == "now: 19 practices proved, Level 4"
    assert plot.figure.axes[0].get_title(loc="left") == "From Level 0 to Level 4"


def test_without_any_step_there_is_now(tmp_path):
    plot = climb_figure(Progress(tmp_path / "p.sqlite"), load(), proved(0))
    assert repr(plot) == "now: 0 practices proved, Level 0"
