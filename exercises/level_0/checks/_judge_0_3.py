"""Judges the files of the retraining by hand: March's data, the deployed copy, the steps."""

import pickle
import re
import warnings
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import yaml
from _pickles import NAMES

MODEL_FILES = {".pkl", ".pickle", ".joblib"}
STEPS = 5


def judge_landed(data: Path) -> None:
    """Fail if March has not landed in the learner's data."""
    march = data / "2013-03.parquet"
    mend = "Move the clock to 1 April: use the clock in the notebook."
    assert march.is_file(), f"March has not landed: there is no data/{march.name}. {mend}"
    last = pd.read_parquet(march, columns=["scheduled_at"])["scheduled_at"].max()
    day = last.tz_convert("America/New_York").date()
    assert f"{day:%m-%d}" == "03-31", (
        f"Only a part of March has landed: the last flight is of {day.day} {day:%B}. {mend}"
    )


def judge_deployed(analysis: Path) -> None:
    """Fail if production does not have a byte for byte copy of a newly saved model."""
    deployed = analysis / "production" / "model.pkl"
    assert deployed.is_file(), (
        "There is no production/model.pkl. To deploy, copy the saved file there."
    )
    data = deployed.read_bytes()
    saved = [p for p in sorted(analysis.glob("*")) if p.is_file() and p.suffix in MODEL_FILES]
    same = [path.name for path in saved if path.read_bytes() == data]
    old = [name for name in same if name in NAMES]
    assert not old, (
        f"production/model.pkl is still, byte for byte, {old[0]}. "
        "Save your model (model_march.pkl) and copy that file there."
    )
    new = [path.name for path in saved if path.name not in NAMES]
    assert new, "No saved model was found beside the notebook: save it as model_march.pkl first."
    assert same, (
        f"production/model.pkl is not the same file as {new[0]}: {len(data):,} bytes, other "
        "content. Was the model saved again after it was copied? Copy it once more."
    )


def load_model(path: Path) -> Any:
    """Load the deployed model; say in words why it cannot be loaded."""
    assert path.is_file(), "There is no production/model.pkl yet."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = joblib.load(path)
    except AttributeError as error:
        raise AssertionError(
            f"production/model.pkl cannot be loaded outside your notebook: {error}. It needs "
            "something that only the notebook defines. Build it from scikit-learn's own classes."
        ) from None
    except (pickle.UnpicklingError, EOFError, ImportError, KeyError, ValueError) as error:
        raise AssertionError(
            f"production/model.pkl cannot be loaded: {type(error).__name__}: {error}. "
            "Save the fitted model with joblib.dump, then copy the file."
        ) from None
    assert hasattr(model, "predict_proba"), (
        f"production/model.pkl holds a {type(model).__name__} with no predict_proba. "
        "Save the fitted pipeline itself."
    )
    return model


def judge_steps(steps: object) -> None:
    """Fail if the list of manual steps has fewer than five real ones."""
    assert isinstance(steps, list), (
        "steps.yaml: manual_steps is not a list. Write one line a step, each begins with `  - `."
    )
    texts = [" ".join(str(step).split()) for step in steps if step not in (None, "")]
    short = [text for text in texts if len(re.findall(r"\w+", text)) < 2 or "TODO" in text]
    assert not short, (
        f"steps.yaml: `{short[0]}` does not say what a person did. Write what was done, to what: "
        "“Copied model_march.pkl to production/model.pkl”."
    )
    plain = [re.sub(r"\W+", " ", text.lower()).strip() for text in texts]
    twice = [text for number, text in enumerate(texts) if plain[number] in plain[:number]]
    assert not twice, f"steps.yaml: `{twice[0]}` is there twice. Count each step once."
    assert len(texts) >= STEPS, (
        f"steps.yaml lists {len(texts)} manual steps; there were more. Go from “March has "
        "arrived” to “the airport uses it”: who noticed, who opened, chose, typed, ran, looked, "
        "copied, told?"
    )


def read_steps(path: Path) -> dict[str, Any]:
    """Return what stands in `steps.yaml`."""
    assert path.is_file(), "There is no analysis/steps.yaml. Press reset to get it back."
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise AssertionError(
            f"steps.yaml{line}: this is not YAML. A step with a colon in it needs quotation marks."
        ) from None
    return data if isinstance(data, dict) else {}
