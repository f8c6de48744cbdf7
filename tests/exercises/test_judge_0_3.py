"""The judge of 0.3: deployed files, models of right and wrong days, scores, lists of steps."""

import importlib
import pickle
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

KIT = Path(__file__).resolve().parents[2]
CHECKS = KIT / "exercises" / "level_0" / "checks"
STARTER = KIT / "exercises" / "level_0" / "starter" / "analysis"
SOLUTION = KIT / "solutions" / "level_0" / "analysis"
FLIGHTS = KIT / "widgets" / "world" / "flights"
SCORE = 0.3566


@pytest.fixture(scope="module")
def load() -> Iterator[Callable[[str], ModuleType]]:
    """Import a helper of the checks by its plain name, as the worker does."""
    names = [path.stem for path in CHECKS.glob("*.py")]
    before = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(CHECKS))
        yield importlib.import_module
    for name in names:
        sys.modules.pop(name, None)
    sys.modules.update(before)


@pytest.fixture(scope="module")
def judge(load: Callable[[str], ModuleType]) -> ModuleType:
    return load("_judge_0_3")


@pytest.fixture(scope="module")
def models(load: Callable[[str], ModuleType]) -> ModuleType:
    return load("_judge_model")


@pytest.fixture(scope="module")
def known(load: Callable[[str], ModuleType]) -> Any:
    return load("_reference").known_flights(FLIGHTS)


def linear(**settings: Any) -> Any:
    reference = sys.modules["_reference"]
    scaled = make_pipeline(SimpleImputer(), StandardScaler())
    words = OneHotEncoder(handle_unknown="ignore")
    columns = [("n", scaled, reference.NUMERIC), ("w", words, reference.CATEGORICAL)]
    settings = {"C": 0.1, "max_iter": 1000, **settings}
    return make_pipeline(ColumnTransformer(columns), LogisticRegression(**settings))


def boosting(**settings: Any) -> Any:
    reference = sys.modules["_reference"]
    words = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = [("n", "passthrough", reference.NUMERIC), ("w", words, reference.CATEGORICAL)]
    trees = HistGradientBoostingClassifier(max_iter=20, **settings)
    return make_pipeline(ColumnTransformer(columns), trees)


def fitted(model: Any, known: Any, rows: pd.Series) -> Any:
    return model.fit(known.features[rows], known.late[rows])


@pytest.fixture(scope="module")
def right(known: Any) -> Any:
    return fitted(linear(), known, days(known, (1, 1), (3, 24)))


def days(known: Any, first: tuple[int, int], last: tuple[int, int]) -> pd.Series:
    return known.between(date(2013, *first), date(2013, *last))


# March's data


def test_march_that_has_not_landed_is_said(judge: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"March has not landed.*Move the clock"):
        judge.judge_landed(tmp_path)


def test_half_of_march_is_not_enough(judge: ModuleType, tmp_path: Path) -> None:
    march = pd.read_parquet(FLIGHTS / "2013-03.parquet")
    march[march["scheduled_at"] < "2013-03-15T04:00Z"].to_parquet(tmp_path / "2013-03.parquet")
    with pytest.raises(AssertionError, match=r"Only a part of March.*14 March"):
        judge.judge_landed(tmp_path)


def test_march_as_it_lands_is_enough(judge: ModuleType, tmp_path: Path) -> None:
    march = pd.read_parquet(FLIGHTS / "2013-03.parquet")
    landed = march["landed_at"] < pd.Timestamp("2013-04-01", tz="America/New_York")
    march[landed].to_parquet(tmp_path / "2013-03.parquet")
    judge.judge_landed(tmp_path)


# The deployed file


@pytest.fixture
def analysis(tmp_path: Path) -> Path:
    return Path(shutil.copytree(STARTER, tmp_path / "analysis"))


def test_the_old_model_in_production_is_recognised(judge: ModuleType, analysis: Path) -> None:
    with pytest.raises(AssertionError, match=r"still, byte for byte, model\.pkl"):
        judge.judge_deployed(analysis)


def test_no_model_in_production_is_said(judge: ModuleType, analysis: Path) -> None:
    (analysis / "production" / "model.pkl").unlink()
    with pytest.raises(AssertionError, match=r"There is no production/model\.pkl"):
        judge.judge_deployed(analysis)


def test_a_model_that_was_saved_again_after_the_copy_is_noticed(
    judge: ModuleType, analysis: Path
) -> None:
    (analysis / "model_march.pkl").write_bytes(b"new")
    (analysis / "production" / "model.pkl").write_bytes(b"newer")
    with pytest.raises(AssertionError, match=r"not the same file as model_march\.pkl"):
        judge.judge_deployed(analysis)


def test_a_model_saved_only_to_production_is_noticed(judge: ModuleType, analysis: Path) -> None:
    (analysis / "production" / "model.pkl").write_bytes(b"new")
    with pytest.raises(AssertionError, match="No saved model was found"):
        judge.judge_deployed(analysis)


@pytest.mark.parametrize("name", ["model_march.pkl", "late_2013-03.joblib"])
def test_a_copy_passes_under_any_name(judge: ModuleType, analysis: Path, name: str) -> None:
    (analysis / name).write_bytes(b"new")
    shutil.copyfile(analysis / name, analysis / "production" / "model.pkl")
    judge.judge_deployed(analysis)


@pytest.mark.parametrize(
    ("saved", "says"),
    [
        ({"model": 1}, "holds a dict with no predict_proba"),
        (b"nothing that can be loaded", "cannot be loaded"),
        (b"c__main__\nMyModel\n.", "something that only the notebook defines"),
    ],
)
def test_a_file_that_is_no_model_is_explained(
    judge: ModuleType, tmp_path: Path, saved: object, says: str
) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(saved if isinstance(saved, bytes) else pickle.dumps(saved))
    with pytest.raises(AssertionError, match=says):
        judge.load_model(path)


def test_pickle_and_joblib_are_both_read(judge: ModuleType, tmp_path: Path, right: Any) -> None:
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(right))
    joblib.dump(right, tmp_path / "b.pkl", compress=3)
    for name in ("a.pkl", "b.pkl"):
        assert hasattr(judge.load_model(tmp_path / name), "predict_proba")


# What it was trained on


def test_the_right_days_pass(models: ModuleType, known: Any, right: Any) -> None:
    models.judge_training(right, known)


@pytest.mark.parametrize(
    "make", [lambda: linear(C=3.0), lambda: boosting(random_state=1)], ids=["C = 3", "boosting"]
)
def test_other_models_of_the_right_days_pass(
    models: ModuleType, known: Any, make: Callable[[], Any]
) -> None:
    models.judge_training(fitted(make(), known, days(known, (1, 1), (3, 24))), known)


def test_boosting_fitted_on_rows_in_another_order_passes(models: ModuleType, known: Any) -> None:
    rows = known.late[days(known, (1, 1), (3, 24))].sample(frac=1, random_state=5).index
    model = boosting(random_state=1).fit(known.features.loc[rows], known.late.loc[rows])
    models.judge_training(model, known)


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        ((1, 1), (3, 23), "24 March is missing"),
        ((1, 1), (3, 25), "one day too many"),
        ((3, 1), (3, 24), "1 to 24 March only"),
        ((1, 1), (2, 28), "January and February only"),
        ((1, 5), (3, 24), "its scaler counted them"),
    ],
)
def test_other_days_are_named(
    models: ModuleType, known: Any, first: tuple[int, int], last: tuple[int, int], says: str
) -> None:
    with pytest.raises(AssertionError, match=says):
        models.judge_training(fitted(linear(), known, days(known, first, last)), known)


def test_the_judging_days_in_training_are_named(models: ModuleType, known: Any) -> None:
    landed = known.landed_at < pd.Timestamp("2013-04-01", tz="America/New_York")
    model = fitted(linear(), known, days(known, (1, 1), (3, 31)) & landed)
    with pytest.raises(AssertionError, match="the judging days too"):
        models.judge_training(model, known)


def test_days_cut_in_utc_are_named(models: ModuleType, known: Any) -> None:
    model = fitted(linear(), known, known.utc_day <= date(2013, 3, 24))
    with pytest.raises(AssertionError, match="by the date in UTC"):
        models.judge_training(model, known)


def test_a_random_part_of_the_right_days_is_noticed(models: ModuleType, known: Any) -> None:
    rows = known.late[days(known, (1, 1), (3, 24))].sample(frac=0.8, random_state=1).index
    model = linear().fit(known.features.loc[rows], known.late.loc[rows])
    with pytest.raises(AssertionError, match="trained on 57,181 rows"):
        models.judge_training(model, known)


def test_another_target_is_noticed(models: ModuleType, known: Any) -> None:
    rows = days(known, (1, 1), (3, 24))
    model = linear().fit(known.features[rows], 1 - known.late[rows])
    with pytest.raises(AssertionError, match="another target"):
        models.judge_training(model, known)


def test_boosting_without_a_seed_is_asked_for_one(models: ModuleType, known: Any) -> None:
    model = fitted(boosting(early_stopping=True), known, days(known, (1, 1), (3, 24)))
    with pytest.raises(AssertionError, match="Give it a random_state"):
        models.judge_training(model, known)


def test_a_model_of_other_columns_is_explained(models: ModuleType, known: Any) -> None:
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(AssertionError, match="cannot predict from the columns of build_features"):
        models.judge_training(model, known)


def test_a_model_that_was_never_fitted_is_explained(models: ModuleType, known: Any) -> None:
    with pytest.raises(AssertionError, match="Was it fitted"):
        models.judge_training(linear(), known)


# The score


@pytest.mark.parametrize("written", [SCORE, str(SCORE), "0,3566", 0.3612])
def test_the_score_is_right_with_and_without_the_last_evening(
    models: ModuleType, known: Any, right: Any, written: object
) -> None:
    models.judge_score(written, right, known)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (None, "has no score yet"),
        ("good", "is not a number"),
        (0.7179, "ROC AUC"),
        (0.1042, "Brier"),
        (4.5232, "yes and no"),
        (0.5, "was it another model, or other days"),
    ],
)
def test_another_score_is_named(
    models: ModuleType, known: Any, right: Any, written: object, says: str
) -> None:
    with pytest.raises(AssertionError, match=f"(?i){says}"):
        models.judge_score(written, right, known)


# The steps


def test_the_solutions_steps_pass(judge: ModuleType) -> None:
    written = judge.read_steps(SOLUTION / "steps.yaml")
    judge.judge_steps(written["manual_steps"])
    assert written["score"] == SCORE


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        (None, "not a list"),
        ("moved the clock", "not a list"),
        ([None], "lists 0 manual steps"),
        (["moved the clock", "ran the cells", "copied the file"], "lists 3 manual steps"),
        (["moved the clock", "x", "ran cells", "saved it", "copied it"], "`x` does not say"),
        (["moved it", "ran it", "Ran it.", "saved it", "copied it"], "there twice"),
        (["TODO step one", "ran it", "looked at it", "saved it", "copied it"], "does not say"),
    ],
)
def test_a_list_that_is_none_is_explained(judge: ModuleType, steps: object, says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        judge.judge_steps(steps)


def test_five_steps_in_any_words_pass(judge: ModuleType) -> None:
    judge.judge_steps(["clock to April", "typed dates", "ran all cells", "saved it", "copied it"])


def test_steps_that_are_no_yaml_are_explained(judge: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "steps.yaml").write_text("manual_steps:\n  - ran: the cells: twice\n")
    with pytest.raises(AssertionError, match="line 2"):
        judge.read_steps(tmp_path / "steps.yaml")
