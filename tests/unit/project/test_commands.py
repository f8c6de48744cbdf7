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
        "CI=1 tox -e py311",
        "cd service && make test",
        "set -o pipefail\npytest | tee log",
        "pip install -r a.txt; pytest",
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
    ],
)
def test_no_tests_are_run(script):
    assert not any(command.tests for command in held(script))


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
    assert time.monotonic() - began < 5
