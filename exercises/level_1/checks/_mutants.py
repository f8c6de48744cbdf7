"""The mutants of exercise 1.2: the reference with one change each, as a colleague would make it."""

import difflib
from dataclasses import dataclass
from pathlib import Path

REFERENCE = Path(__file__).parent / "_reference"
REWRITTEN = Path(__file__).parent / "_rewritten"


@dataclass(frozen=True)
class Mutant:
    """One change to the reference.

    Attributes
    ----------
    name : str
        What the colleague did, in a few words.
    file : str
        The file it stands in, below the project.
    old, new : str
        The text that is replaced (it stands in the file exactly once) and what replaces it.
    look_at : str
        What a test that catches it would look at.
    incident : bool
        Whether it is one of the two bugs of this level's incident.
    """

    name: str
    file: str
    old: str
    new: str
    look_at: str
    incident: bool = False

    def source(self) -> str:
        """Return the whole mutated file.

        Raises
        ------
        ValueError
            If the reference does not hold the old text exactly once.
        """
        text = (REFERENCE / self.file).read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"mutant {self.name!r}: {self.old!r} is not in {self.file} once")
        return text.replace(self.old, self.new)

    def diff(self) -> str:
        """Return the change as a unified diff against the reference, without its header."""
        before = (REFERENCE / self.file).read_text(encoding="utf-8").splitlines()
        after = self.source().splitlines()
        lines = list(difflib.unified_diff(before, after, lineterm="", n=0))[2:]
        return "\n".join(line for line in lines if not line.startswith("@@"))


FEATURES = "flights/features.py"
TRAIN = "flights/train.py"

MUTANTS = (
    Mutant(
        "weekdays are counted from 1",
        FEATURES,
        "weekday=local.dt.day_of_week)",
        "weekday=local.dt.day_of_week + 1)",
        "the weekday of one flight on a day that you know: a Monday is 0, a Sunday 6",
        incident=True,
    ),
    Mutant(
        "flights without weather are dropped",
        FEATURES,
        "    return numbers.join(frame[list(CATEGORICAL)])",
        "    return numbers.join(frame[list(CATEGORICAL)]).dropna(subset=['temp', 'pressure'])",
        "how many rows come out when the weather of one flight is missing",
        incident=True,
    ),
    Mutant(
        "the hour is taken in UTC",
        FEATURES,
        "hour=local.dt.hour",
        'hour=flights["scheduled_at"].dt.hour',
        "the hour of a flight whose time in New York you worked out by hand",
    ),
    Mutant(
        "exactly fifteen minutes count as late",
        FEATURES,
        'flights["arr_delay"] > LATE_MINUTES',
        'flights["arr_delay"] >= LATE_MINUTES',
        "the border: a flight that is 15 minutes late, and one that is 16",
    ),
    Mutant(
        "late is decided at the departure",
        FEATURES,
        '(flights["arr_delay"] > LATE_MINUTES)',
        '(flights["dep_delay"] > LATE_MINUTES)',
        "a flight that left late and made up for it in the air",
    ),
    Mutant(
        "diverted flights are taken for labelled",
        FEATURES,
        'return flights[flights["arr_delay"].notna()]',
        'return flights[~flights["cancelled"]]',
        "what becomes of a flight that was diverted: it is not cancelled, yet it never arrived",
    ),
    Mutant(
        "the departure delay becomes a feature",
        FEATURES,
        '    "visib",\n)',
        '    "visib",\n    "dep_delay",\n)',
        "whether the features can be built without the columns that are known only later",
    ),
    Mutant(
        "the rows lose their index",
        FEATURES,
        "    return numbers.join(frame[list(CATEGORICAL)])",
        "    return numbers.join(frame[list(CATEGORICAL)]).reset_index(drop=True)",
        "the index of the features when the flights do not start at 0",
    ),
    Mutant(
        "eight days judge instead of seven",
        TRAIN,
        "judging = day > day.max()",
        "judging = day >= day.max()",
        "which day is the last that trains, with one flight a day",
    ),
    Mutant(
        "days are cut in UTC",
        TRAIN,
        'day = flights["scheduled_at"].dt.tz_convert(NEW_YORK).dt.tz_localize(None)',
        'day = flights["scheduled_at"].dt.tz_localize(None)',
        "on which side a flight falls that leaves New York in the evening: in UTC it is tomorrow",
    ),
    Mutant(
        "the training takes a random part of the flights",
        TRAIN,
        "    known = labelled(flights)\n    return build_pipeline()",
        "    known = labelled(flights).sample(frac=0.7)\n    return build_pipeline()",
        "whether the same flights, trained on twice, give the same predictions",
    ),
    Mutant(
        "the probability of being on time is judged",
        TRAIN,
        "predict_proba(build_features(known))[:, 1]",
        "predict_proba(build_features(known))[:, 0]",
        "the score on flights with a pattern that no model can miss",
    ),
)
