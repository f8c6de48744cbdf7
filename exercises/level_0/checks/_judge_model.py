"""Judges the model of the retraining by hand: what it was trained on, and what it scores."""

import warnings
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from _reference import Known, judging_rows, other_windows, training_rows
from sklearn.base import clone
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, roc_auc_score

SAME_MODEL = 1e-4  # mean difference of two models' probabilities; another day's rows give 7e-4
SAME_SCORE = 0.001


def judge_training(model: Any, known: Known) -> None:
    """Fail if the model was trained on other rows than those of 1 January to 24 March.

    The model is not asked: a fresh clone of it is fitted on the right rows, and on the rows
    that are often taken by mistake, and its probabilities are compared.
    """
    right, judge = training_rows(known), judging_rows(known)
    mine = probabilities(model, known, judge)
    again = _refit(model, known, right, judge)
    if _differ(mine, again) <= SAME_MODEL:
        return
    seen = _rows_seen(model)
    for name, rows in other_windows(known).items():
        if seen not in (None, int(rows.sum())) or not rows.any():
            continue
        if _differ(mine, _refit(model, known, rows, judge)) <= SAME_MODEL:
            raise AssertionError(
                f"production/model.pkl was trained on {name} ({int(rows.sum()):,} rows). "
                f"Train on 1 January to 24 March ({int(right.sum()):,} rows)."
            )
    assert seen in (None, int(right.sum())), (
        f"production/model.pkl was trained on {seen:,} rows (its scaler counted them). "
        f"1 January to 24 March has {int(right.sum()):,} with a known arrival: use all of them, "
        "and no others."
    )
    assert _differ(again, _refit(model, known, right, judge)) <= SAME_MODEL, (
        "Fitted twice on the same rows, your estimator gives two different models: nobody could "
        "make it again. Give it a random_state."
    )
    order = known.late[right].sample(frac=1, random_state=0).index
    if _differ(mine, again) <= 1.5 * _differ(again, _refit(model, known, order, judge)):
        return  # the estimator minds the order of its rows: it cannot be told closer than this
    raise AssertionError(
        "production/model.pkl is not what comes out of 1 January to 24 March "
        f"({int(right.sum()):,} rows): probabilities differ by {_differ(mine, again):.4f} on "
        "average. Other rows, another target (late is more than 15 minutes), or a changed "
        "build_features?"
    )


def judge_score(written: object, model: Any, known: Known) -> None:
    """Fail if the score written down is not the model's log loss on 25 to 31 March.

    On 1 April a few flights of the last evening have not landed, later they have: the score is
    right with or without them.
    """
    assert written is not None, (
        "steps.yaml has no score yet. Write the log loss of 25 to 31 March, with four digits."
    )
    try:
        score = float(str(written).replace(",", "."))
    except ValueError:
        raise AssertionError(f"steps.yaml: `score: {written}` is not a number.") from None
    week = known.between(date(2013, 3, 25), date(2013, 3, 31))
    rights = [_log_loss(model, known, rows) for rows in (judging_rows(known), week)]
    if any(abs(score - right) <= SAME_SCORE for right in rights):
        return
    for name, value in _other_scores(model, known).items():
        assert abs(score - value) > SAME_SCORE, (
            f"steps.yaml: score {score:.4f} is {name}. Write the log loss of the probabilities "
            "on 25 to 31 March."
        )
    raise AssertionError(
        f"steps.yaml says score {score:.4f}; the model in production has a log loss of "
        f"{rights[0]:.4f} on 25 to 31 March. Was it another model, or other days?"
    )


def probabilities(model: Any, known: Known, rows: pd.Series) -> np.ndarray:
    """Return the probabilities of being late; say in words why there are none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.asarray(model.predict_proba(known.features[rows]))[:, 1]
    except Exception as error:  # whatever the learner's model raises, it does not fit
        raise AssertionError(
            "The model in production cannot predict from the columns of build_features: "
            f"{type(error).__name__}: {error}. Was it fitted? On features[train]?"
        ) from None


def _refit(model: Any, known: Known, rows: pd.Series | pd.Index, judge: pd.Series) -> np.ndarray:
    """Return the probabilities of a clone of `model` that was fitted on other rows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fresh = clone(model).fit(known.features.loc[rows], known.late.loc[rows])
    return probabilities(fresh, known, judge)


def _differ(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).mean())


def _rows_seen(model: Any) -> int | None:
    """Return how many rows a StandardScaler inside the model has counted, if there is one."""
    waiting = [model]
    while waiting:
        part = waiting.pop()
        count = getattr(part, "n_samples_seen_", None)
        if count is not None:
            return int(np.max(count))
        waiting += [step for _, step in getattr(part, "steps", [])]
        waiting += [step for _, step, _ in getattr(part, "transformers_", [])]
    return None


def _log_loss(model: Any, known: Known, rows: pd.Series) -> float:
    return float(log_loss(known.late[rows], probabilities(model, known, rows)))


def _other_scores(model: Any, known: Known) -> dict[str, float]:
    """Return the numbers that are written down by mistake, by what they are."""
    judge = judging_rows(known)
    late, p = known.late[judge], probabilities(model, known, judge)
    return {
        "its ROC AUC": roc_auc_score(late, p),
        "its Brier score": brier_score_loss(late, p),
        "the share of flights that it gets right": accuracy_score(late, p > 0.5),
        "the log loss of its yes and no (predict), not of its probabilities": log_loss(
            late, (p > 0.5).astype(float)
        ),
        "its log loss on the rows that it was trained on": _log_loss(
            model, known, training_rows(known)
        ),
        "its log loss on the whole of March": _log_loss(
            model, known, known.between(date(2013, 3, 1), date(2013, 3, 31))
        ),
    }
