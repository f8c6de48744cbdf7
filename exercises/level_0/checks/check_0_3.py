"""Exercise 0.3: a model of March is in production, and every step that it took is written down."""

from collections.abc import Callable
from pathlib import Path

from _judge_0_3 import judge_deployed, judge_landed, judge_steps, load_model, read_steps
from _judge_model import judge_score, judge_training
from _reference import known_flights

DEPLOYED = Path("analysis") / "production" / "model.pkl"
STEPS = Path("analysis") / "steps.yaml"


def test_march_has_landed(workspace: Path) -> None:
    """The clock stands on 1 April or later, and March has landed."""
    judge_landed(workspace / "data")


def test_deployed(project: Path) -> None:
    """production/model.pkl is a copy of the model that you saved."""
    judge_deployed(project / "analysis")


def test_trained_on_the_right_days(
    project: Path, kit_flights: Path, say: Callable[[str], None]
) -> None:
    """It was trained on 1 January to 24 March, and on nothing else."""
    model = load_model(project / DEPLOYED)
    say("Fitting a fresh copy of your model on 1 January to 24 March, to compare")
    judge_training(model, known_flights(kit_flights))


def test_score(project: Path, kit_flights: Path) -> None:
    """The score in steps.yaml is its log loss on 25 to 31 March."""
    written = read_steps(project / STEPS).get("score")
    judge_score(written, load_model(project / DEPLOYED), known_flights(kit_flights))


def test_steps(project: Path) -> None:
    """steps.yaml lists at least five steps that a person did."""
    judge_steps(read_steps(project / STEPS).get("manual_steps"))
