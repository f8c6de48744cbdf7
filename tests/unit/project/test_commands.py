"""Which programs a CI's script starts: those that would make it red, and no others."""

import time

import pytest

from widgets.project.commands import commands


def held(script):
    return [command for command in commands(script) if command.held]


@pytest.mark.parametrize(
    "script",
    [
        "pytest",
        "python -m pytest -q",
        ".venv/bin/pytest tests",
        "uv run pytest",
        "uv run --frozen pytest",
        "poetry run python -m unittest",
        "coverage run -m pytest",
        "set -o pipefail\npytest | tee log",
        "pip install -r a.txt; pytest",
        "cd service && pip install -r a.txt && pytest",
        "pytest \\\n  -q",
    ],
)
def test_tests_are_run(script):
    assert any(command.tests for command in held(script))


@pytest.mark.parametrize(
    "script",
    [
        "pip install pytest",
        "# pytest",
        "pytest --version",
        "pytest --collect-only",
        "echo 'now pytest'",
        "pytest || true",
        "pytest | tee log",
        "pytest &",
        "set +e\npytest",
        "npm test",
        "ruff check tests",
        "make build",
        "",
        "tox -e lint",
        "make check",
        "pytest && echo good || echo bad",
        '[ -n "$TESTS" ] && pytest',
        "git diff HEAD~1 | grep -q src && pytest\necho done",
        "exit 0\npytest",
        "if git diff --quiet HEAD~1; then exit 0; fi\npytest",
        'if [ "$TESTS" = true ]; then\n  pytest\nfi',
        "for version in 3.11 3.12; do pytest; done",
        "cat > NOTES <<EOF\npytest\nEOF",
        "echo 'first\npytest\nlast'",
    ],
)
def test_no_tests_are_run(script):
    assert not any(command.tests for command in held(script))


@pytest.mark.parametrize("script", ["CI=1 tox -e py311", "cd service && make test", "nox"])
def test_what_a_file_of_its_own_decides_may_be_tests(script):
    [last] = held(script)[-1:]
    assert last.may_test and not last.tests


@pytest.mark.parametrize(
    "script",
    [
        "python train.py",
        "python -m churn.train",
        "make retrain",
        "./train.sh",
        "dvc repro",
        "late-train",
    ],
)
def test_a_training_is_known_by_the_name_of_what_is_started(script):
    assert [command.trains for command in held(script)] == [True]


@pytest.mark.parametrize(
    "script",
    [
        "pytest tests/test_train.py",
        "ruff check train.py",
        "cat train.py",
        "python tests/test_train.py",
    ],
)
def test_what_only_has_the_word_among_its_words_is_no_training(script):
    assert not any(command.trains for command in held(script))


@pytest.mark.parametrize(
    ("script", "loose"),
    [
        ("pip install pandas mlflow>=2", ("pandas", "mlflow>=2")),
        ("python -m pip install --no-cache-dir fastapi", ("fastapi",)),
        ("uv pip install ruff", ("ruff",)),
        ("pip install -U pip", ()),
        ("pip install -r a.txt -c b.txt .", ()),
        ("pip install pandas==3.1.1 dist/late.whl", ()),
    ],
)
def test_what_is_installed_without_a_version(script, loose):
    assert held(script)[0].loose == loose


@pytest.mark.parametrize(
    ("script", "files"),
    [
        ("pip install -r requirements.txt", ["requirements.txt"]),
        ("python -m pip install -rlocks/ci.txt", ["locks/ci.txt"]),
        ("uv pip sync requirements.lock", ["requirements.lock"]),
        ("uv sync --frozen", ["uv.lock"]),
        ("uv sync", []),
        ("poetry install", ["poetry.lock"]),
        ("pip install pandas", []),
        ("docker build .", []),
        ("pip install -r requirements.txt || true", []),
    ],
)
def test_what_it_installs_from(script, files):
    assert [name for command in held(script) for name in command.locks] == files


@pytest.mark.parametrize(
    ("script", "trains"),
    [
        ("python -m churn.train", True),
        ("./train.sh", True),
        ("dvc repro", True),
        ("python -m churn.constrain", False),
        ("pytest", False),
    ],
)
def test_what_trains_says_so(script, trains):
    assert any(command.trains for command in held(script)) is trains


def test_a_hostile_line_takes_no_time():
    began = time.monotonic()
    assert list(commands("pip install " + "-r" * 40_000)) != []
    list(commands("\n" * 100_000 + "'" * 50_000))
    assert time.monotonic() - began < 30
