"""What Level 0 starts from: the pickles load, the notebook tells its story, and both are made."""

import pickle
import subprocess
import sys
import warnings
from pathlib import Path

import nbformat
import pytest

KIT = Path(__file__).resolve().parents[2]
STARTER = KIT / "exercises" / "level_0" / "starter" / "analysis"
SOLUTION = KIT / "solutions" / "level_0" / "analysis"
PICKLES = ["model.pkl", "model_final.pkl", "model_final_v2.pkl"]
REMAKE = "Remake them: python exercises/level_0/make_starter.py (and look at the diff)."


@pytest.mark.parametrize("name", PICKLES)
def test_the_pickles_load_without_a_warning(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            model = pickle.loads((STARTER / name).read_bytes())
        except Warning as warning:
            pytest.fail(f"{name} was made with another scikit-learn: {warning}. {REMAKE}")
    assert hasattr(model, "predict_proba")


def test_production_runs_the_oldest_name() -> None:
    deployed = (STARTER / "production" / "model.pkl").read_bytes()
    assert [name for name in PICKLES if (STARTER / name).read_bytes() == deployed] == ["model.pkl"]


def test_the_notebook_was_run_out_of_order_with_one_cell_lost_and_one_run_twice() -> None:
    book = nbformat.read(STARTER / "delays.ipynb", as_version=4)
    counts = [cell.execution_count for cell in book.cells if cell.cell_type == "code"]
    assert counts != sorted(counts)
    assert set(range(1, max(counts) + 1)) - set(counts) == {2, 5}


def test_the_number_that_was_reported_is_in_the_notebook() -> None:
    text = (STARTER / "delays.ipynb").read_text(encoding="utf-8")
    assert "answer: 0.6767" in text
    assert "late: 0.1949" in text
    assert "0.2273 of 26398 flights are late" in text


@pytest.mark.parametrize(
    "path", [folder / name for folder in (STARTER, SOLUTION)
             for name in ("delays.ipynb", "retrain.ipynb")], ids=lambda path: path.parts[-4]
)  # fmt: skip
def test_notebooks_name_the_kernel_and_are_valid(path: Path) -> None:
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    assert book.metadata.kernelspec.name == "python3"
    assert len({cell.id for cell in book.cells}) == len(book.cells)


def test_all_of_it_is_small() -> None:
    assert sum(path.stat().st_size for path in STARTER.rglob("*") if path.is_file()) < 60_000


@pytest.mark.slow
def test_the_script_makes_the_same_notebooks_again(tmp_path: Path) -> None:
    script = KIT / "exercises" / "level_0" / "make_starter.py"
    subprocess.run([sys.executable, str(script), "--into", str(tmp_path)], check=True)
    for path in (*STARTER.glob("*.ipynb"), *SOLUTION.glob("*.ipynb")):
        again = tmp_path / path.relative_to(KIT)
        assert again.read_text(encoding="utf-8") == path.read_text(encoding="utf-8"), path.name
    for name in PICKLES:
        made = tmp_path / (STARTER / name).relative_to(KIT)
        mine, kept = pickle.loads(made.read_bytes()), pickle.loads((STARTER / name).read_bytes())
        assert mine[-1].get_params() == kept[-1].get_params()
        assert mine[-1].coef_ == pytest.approx(kept[-1].coef_, abs=1e-4)
