"""Exercise 0.2: what the three files prove is told from what is only said about them."""

from pathlib import Path

from _judge_0_2 import judge_model, judge_unchanged


def test_files_unchanged(project: Path, level: Path) -> None:
    """The three files are still the ones that the colleague left."""
    judge_unchanged(project, level)


def test_first(project: Path, level: Path, kit_flights: Path) -> None:
    """model.pkl: what the file proves, and unknown where it proves nothing."""
    judge_model("model.pkl", project, level, kit_flights)


def test_final(project: Path, level: Path, kit_flights: Path) -> None:
    """model_final.pkl: what the file proves, and unknown where it proves nothing."""
    judge_model("model_final.pkl", project, level, kit_flights)


def test_final_v2(project: Path, level: Path, kit_flights: Path) -> None:
    """model_final_v2.pkl: what the file proves, and unknown where it proves nothing."""
    judge_model("model_final_v2.pkl", project, level, kit_flights)
