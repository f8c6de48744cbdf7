"""Reads `which_model.yaml` as a person meant it: many ways to write a month or a number."""

import re
from pathlib import Path
from typing import Any

import yaml

FIELDS = ("data", "rows", "C", "score")
NAMES_OF_MONTHS = [
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
]
UNKNOWN = re.compile(r"\s*(unknown|not known|cannot be known|can not be known|\?+)\b.*|\s*\?+\s*")
Answers = dict[str, Any]


def read_answers(path: Path) -> Answers:
    """Return what stands in the file: one entry a pickle.

    Raises
    ------
    AssertionError
        If the file is missing or is not YAML.
    """
    assert path.is_file(), "There is no analysis/which_model.yaml. Press reset to get it back."
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise AssertionError(
            f"which_model.yaml{line}: this is not YAML. Each line is `name: value`, with a space "
            "after the colon; the four fields are indented by two spaces."
        ) from None
    assert isinstance(data, dict), "which_model.yaml has no entries. Press reset to get them back."
    return data


def entry_of(answers: Answers, name: str) -> dict[str, Any]:
    """Return what is written about one pickle; fail if a field of it is empty."""
    entry = answers.get(name)
    entry = entry if isinstance(entry, dict) else {}
    blank = [field for field in FIELDS if entry.get(field) in (None, "", [])]
    assert not blank, (
        f"{name}: not filled in yet: {', '.join(blank)}. Write what the file proves, or unknown."
    )
    return entry


def is_unknown(value: object) -> bool:
    """Return whether a person wrote that this cannot be known."""
    if isinstance(value, list):
        return len(value) == 1 and is_unknown(value[0])
    return UNKNOWN.fullmatch(str(value).strip().lower()) is not None


def as_months(value: object) -> frozenset[str]:
    """Return the months named, in words (`Jan`), as 2013-01 or as numbers; a range is filled."""
    parts = value if isinstance(value, list) else [value]
    text = " , ".join(str(part) for part in parts).lower()
    text = re.sub(r"2013-(\d\d)(-\d\d)?", r" \1 ", text).replace("2013", " ")
    found, joined = [], []
    for match in re.finditer(r"[a-z]{3,}|\b\d{1,2}\b", text):
        number = _month(match.group())
        if number is not None:
            between = text[joined[-1] : match.start()] if joined else ""
            if re.search(r"\bto\b|-|–|until", between) and found:
                found += range(found[-1] + 1, number)
            found.append(number)
            joined.append(match.end())
    return frozenset(NAMES_OF_MONTHS[number - 1] for number in found)


def as_number(value: object) -> float | None:
    """Return the number in what a person wrote (`34,968 rows`, `C = 0.1`), or None."""
    if isinstance(value, bool):
        return None
    text = re.sub(r"(?<=\d)[,_ ](?=\d{3}\b)", "", str(value))
    numbers = re.findall(r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\.\d+", text)
    return float(numbers[0]) if len(numbers) == 1 else None


def _month(word: str) -> int | None:
    if word.isdigit():
        return int(word) if 1 <= int(word) <= 12 else None
    matches = [n for n, name in enumerate(NAMES_OF_MONTHS, 1) if name.startswith(word[:3])]
    return matches[0] if matches and NAMES_OF_MONTHS[matches[0] - 1].startswith(word) else None
