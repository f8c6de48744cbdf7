"""Judges `which_model.yaml` by what the three pickles prove, and says with what evidence."""

import hashlib
from pathlib import Path

from _pickles import MONTHS, NAMES, Evidence, Month, months, months_of, read_evidence
from _which_model import FIELDS, as_months, as_number, entry_of, is_unknown, read_answers

CLAIMED = {
    ("model_final.pkl", 0.6767): "It stands in the notebook's output, but which rows were held "
    "out is lost: the split had no seed. So nothing ties that number to this file.",
    ("model_final_v2.pkl", 0.71): "It stands in the colleague's note only, a claim.",
}


def evidence_of(level: Path, name: str) -> Evidence:
    """Read the evidence from the kit's own copy, which no learner can have replaced."""
    return read_evidence(level / "starter" / "analysis" / name)


def months_fault(name: str, value: object, found: Evidence, known: dict[str, Month]) -> str | None:
    """Return what is wrong with the months written down for a file, or None."""
    right = months_of(found, known)
    if not right and is_unknown(value):
        return None
    if not right:
        return (
            f"you wrote {value}, but {name} has no scaler and keeps no mean: nothing in it tells "
            "which rows it has seen. What the note says is a claim. Write unknown"
        )
    written = as_months(value)
    if written == right:
        return None
    one = " and ".join(f"{month.capitalize()}'s is {known[month].pressure:.1f}" for month in MONTHS)
    proof = (
        f"{name}'s scaler has seen {found.rows:,} rows with a mean pressure of "
        f"{found.pressure:.1f} hPa; {one}, of both together {known['both'].pressure:.1f}"
    )
    rows = {month: known[month].rows for month in written if month in known}
    if rows and found.rows and found.rows > sum(rows.values()):
        names = " and ".join(month.capitalize() for month in sorted(rows))
        proof += f"; and all of {names} has only {sum(rows.values()):,} flights with an arrival"
    if is_unknown(value):
        return f"this can be known: {proof}"
    if not written:
        return f"no month is recognised in {value!r}: write for example [january, february]"
    return f"you wrote {value}, and the file contradicts it: {proof}"


def rows_fault(name: str, value: object, found: Evidence) -> str | None:
    """Return what is wrong with the number of rows written down for a file, or None."""
    if found.rows is None and is_unknown(value):
        return None
    if found.rows is None:
        return f"you wrote {value}, but {name} keeps no count: it has no scaler. Write unknown"
    if as_number(value) == found.rows:
        return None
    if is_unknown(value):
        return f"this can be known: the StandardScaler in {name} keeps n_samples_seen_"
    return f"you wrote {value}, and the scaler in {name} has seen {found.rows:,} rows"


def c_fault(name: str, value: object, found: Evidence) -> str | None:
    """Return what is wrong with the parameter C written down for a file, or None."""
    if as_number(value) == found.c:
        return None
    if is_unknown(value):
        return f"this can be known: parameters are kept; ask the last step of {name}: get_params()"
    return f"you wrote {value}, and the logistic regression in {name} has C={found.c:g}"


def score_fault(name: str, value: object) -> str | None:
    """Return what is wrong with the score written down for a file, or None."""
    if is_unknown(value):
        return None
    why = CLAIMED.get((name, as_number(value) or 0.0)) or (
        "A score belongs to the rows that were held out, and which they were is lost: the split "
        "had no seed, and no file keeps it. On other rows it is another number."
    )
    return f"you wrote {value}. {why} Write unknown"


def judge_model(name: str, project: Path, level: Path, flights: Path) -> None:
    """Fail with everything that is wrong about one file."""
    entry = entry_of(read_answers(project / "analysis" / "which_model.yaml"), name)
    found, known = evidence_of(level, name), months(flights)
    faults = {
        "data": months_fault(name, entry["data"], found, known),
        "rows": rows_fault(name, entry["rows"], found),
        "C": c_fault(name, entry["C"], found),
        "score": score_fault(name, entry["score"]),
    }
    lines = [f"{field}: {faults[field]}." for field in FIELDS if faults[field]]
    assert not lines, f"{name}:\n" + "\n".join(f"- {line}" for line in lines)


def judge_unchanged(project: Path, level: Path) -> None:
    """Fail if one of the three files is not the one that the kit gave."""
    for name in NAMES:
        mine, kept = project / "analysis" / name, level / "starter" / "analysis" / name
        assert mine.is_file(), f"{name} is gone. The kit has it: {_below(kept)}."
        assert _digest(mine) == _digest(kept), (
            f"{name} is not the file that the colleague left: it was saved over, perhaps by the "
            "notebook. "
            f"Nothing kept the old one but the kit: copy it back from {_below(kept)}."
        )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _below(path: Path) -> str:
    return "/".join(path.parts[-5:])
