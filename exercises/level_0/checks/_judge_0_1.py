"""Judges what the runs of exercise 0.1 left behind. Pure: it opens and runs nothing."""

from _kernels import Run, first_line
from _names import Missing, missing_names, unseeded_splits

DIGITS = 3


def judge_names(cells: list[str]) -> None:
    """Fail if a cell needs a name that no cell above it defines."""
    try:
        missing = missing_names(cells)
    except SyntaxError as error:
        raise AssertionError(
            f"A cell is not Python: {error.msg}, line {error.lineno} of the cell "
            f"(`{(error.text or '').strip()}`)."
        ) from None
    lines = []
    for (needing, defining), names in _grouped(missing).items():
        where = f"{names}, needed in the cell that begins with `{_begin(cells, needing)}`: "
        if defining is None:
            where += (
                "defined in no cell. The cell that did it was deleted; the stored outputs tell "
                "what was in it"
            )
        elif defining == needing:
            where += "defined further down in the same cell only"
        else:
            below = _begin(cells, defining)
            where += f"defined only below, in the cell that begins with `{below}`"
        lines.append(f"{where}.")
    assert not lines, "A fresh kernel would stop here:\n" + "\n".join(f"- {line}" for line in lines)


def judge_completed(runs: dict[str, Run]) -> None:
    """Fail if the notebook did not run from top to bottom."""
    error = runs["first"].error
    assert error is None, f"{error}. That is what your colleague sees in a fresh kernel."
    other = runs["half"].error
    assert other is None, (
        f"With every second flight left out, the notebook stops: {other}. "
        "It should run on any January, not on these rows alone."
    )


def judge_late(runs: dict[str, Run], expected: dict[str, float]) -> None:
    """Fail if the two lines are not printed, or the share is not that of January.

    `expected` has the share of late flights by the way it comes about; the right ones begin
    with "January".
    """
    run = _completed(runs)
    for key, printed in (("late", run.late), ("answer", run.answer)):
        assert printed is not None, (
            f"No line `{key}: 0.1234` is printed. Let the last cell print both lines, "
            "`late: …` and `answer: …`, as the old notebook did."
        )
        number = _number(printed)
        assert number is not None, f"`{key}: {printed}`: this is not a number."
        digits = len(printed.partition(".")[2])
        assert digits >= DIGITS or number in (0.0, 1.0), (
            f"`{key}: {printed}` has {digits} digits after the point. Print four: two runs that "
            "differ in the third look the same with fewer."
        )
    late = _number(run.late)
    assert late is not None
    ways = [way for way, share in expected.items() if abs(share - late) < 0.0006]
    if any(way.startswith("January") for way in ways):
        return
    meaning = f" That is what comes out {ways[0]}." if ways else ""
    raise AssertionError(
        f"`late: {run.late}`, so {late:.1%} of your flights are late.{meaning} The old notebook's "
        "stored output says 0.2273 of all January flights before the outliers are thrown out: "
        "which LATE_AFTER gives that? (With the outliers out, once: "
        f"{expected['January, outliers out once']:.4f}.)"
    )


def judge_agreement(runs: dict[str, Run], cells: list[str]) -> None:
    """Fail if two fresh kernels give different answers."""
    first = _completed(runs).answer
    again = runs.get("second", runs["nervous"])
    unseeded = unseeded_splits(cells)
    assert first is not None, "No answer was printed, so there is nothing to compare."
    if not unseeded and ("second" not in runs or _same(first, again.answer)):
        return
    where = (
        f"train_test_split in the cell that begins with `{_begin(cells, unseeded[0])}` draws "
        "other rows each time: give it a random_state"
        if unseeded
        else "Something draws random numbers without a seed: look for sample, shuffle, random"
    )
    raise AssertionError(
        f"One fresh kernel says answer: {first}, the next says answer: {again.answer}. {where}."
    )


def judge_repeated_cells(runs: dict[str, Run], cells: list[str]) -> None:
    """Fail if running a cell twice changes the answer."""
    first, nervous = _completed(runs), runs["nervous"]
    assert nervous.error is None, (
        f"When every cell is run twice in a row, the notebook stops: {nervous.error}. "
        "The second time, the cell meets what it has changed itself."
    )
    if _same(first.answer, nervous.answer) and _same(first.late, nervous.late):
        return
    suspects = [first_line(cell) for cell in cells if _changes_what_it_reads(cell)]
    named = f" Look at the cell that begins with `{suspects[0]}`." if suspects else ""
    raise AssertionError(
        "When every cell is run twice in a row, the end is different: "
        f"late: {first.late} → {nervous.late}, answer: {first.answer} → {nervous.answer}.{named} "
        "A cell that changes what it reads does it again each time (give the result a new name); "
        "a seed set in another cell is used up (give the seed where the chance is)."
    )


def judge_computed(runs: dict[str, Run]) -> None:
    """Fail if the answer does not follow the data."""
    first, half = _completed(runs), runs["half"]
    for key, full, less in (("late", first.late, half.late), ("answer", first.answer, half.answer)):
        assert full is not None, f"No line `{key}: …` was printed."
        assert not _same(full, less), (
            f"`{key}: {full}` stays the same when every second flight is left out of the data. "
            "It is typed in, or read from somewhere else than ../../data. Compute it from the "
            "files there."
        )
    answer = _number(first.answer)
    assert answer is not None and 0.6 <= answer <= 0.8, (
        f"`answer: {first.answer}` is not a ROC AUC of this model on rows held out: those lie "
        "near 0.70. Compare with the cell that computed the score in the old notebook."
    )


def _completed(runs: dict[str, Run]) -> Run:
    """Return the first run; fail with one short line if there is nothing to judge in it."""
    assert runs["first"].error is None, "Cannot be told before the notebook runs to its end."
    return runs["first"]


def _grouped(missing: list[Missing]) -> dict[tuple[int, int | None], str]:
    groups: dict[tuple[int, int | None], list[str]] = {}
    for one in missing:
        groups.setdefault((one.cell, one.defined_in), []).append(f"`{one.name}`")
    return {key: ", ".join(names) for key, names in groups.items()}


def _begin(cells: list[str], number: int) -> str:
    return first_line(cells[number - 1])


def _number(text: str | None) -> float | None:
    try:
        return float(str(text))
    except ValueError:
        return None


def _same(one: str | None, other: str | None) -> bool:
    a, b = _number(one), _number(other)
    return one == other if a is None or b is None else abs(a - b) < 1e-6


def _changes_what_it_reads(cell: str) -> bool:
    """Return whether a line of the cell filters, draws from or grows a frame in place."""
    for line in cell.splitlines():
        target, equals, value = line.partition("=")
        name = target.strip()
        grows = any(word in value for word in (f"{name}[{name}", "sample(", "concat(", "append("))
        if equals and name.isidentifier() and name in value and grows:
            return True
        if any(sign in line for sign in ("+=", "-=", "*=", "inplace=True")):
            return True
    return False
