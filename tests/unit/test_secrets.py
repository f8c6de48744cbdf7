"""A secret that is planted where people keep them comes out nowhere: no output, log or report."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from widgets.base.errors import KitError
from widgets.base.paths import KIT_ROOT, Layout
from widgets.cli import main
from widgets.mlflow_ui.process import UiError, UiProcess
from widgets.services.server import ModelServer

SECRET = "correct-horse-4711"
NOBODY = "127.0.0.1:9"  # nobody answers there
URI = f"http://me:{SECRET}@{NOBODY}/"


@pytest.fixture
def layout(tmp_path, monkeypatch):
    """Return a workspace whose environment holds the secret in all its usual places."""
    monkeypatch.setenv("MATURITY_WORKSPACE", str(tmp_path / "work"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", URI)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    for name in ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN", "JUPYTER_TOKEN"):
        monkeypatch.setenv(name, SECRET)
    return Layout(tmp_path / "work")


@pytest.fixture
def repository(tmp_path):
    """Return a team's repository that holds the secret where teams do."""
    folder = tmp_path / "team"
    workflow = folder / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(
        "on: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    env:\n"
        f"      MLFLOW_TRACKING_URI: {URI}\n    steps:\n      - uses: actions/checkout@v4\n"
        f"      - run: pytest --password {SECRET} tests\n"
        f"      - run: MLFLOW_TRACKING_PASSWORD={SECRET} python train.py\n"
    )
    (folder / "tests").mkdir()
    (folder / "tests" / "test_a.py").write_text("def test_a():\n    assert 1 + 1 == 2\n")
    (folder / "train.py").write_text(f'import mlflow\nmlflow.set_tracking_uri("{URI}")\n')
    (folder / ".env").write_text(f"MLFLOW_TRACKING_PASSWORD={SECRET}\n")
    (folder / "requirements.txt").write_text(
        f"--extra-index-url https://me:{SECRET}@pypi.example.org/simple\npandas==2.0\n"
    )
    remote = f"https://me:{SECRET}@example.org/team.git"
    who = ["-c", "user.name=ada", "-c", "user.email=ada@example.org"]
    for words in (["init", "-q"], ["remote", "add", "origin", remote], ["add", "--all"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    subprocess.run(["git", *who, "commit", "-qm", "begin"], cwd=folder, check=True)
    return folder


def leaks(folder: Path) -> list[Path]:
    """Return the files below a folder that hold the secret."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if SECRET.encode() in path.read_bytes()]


def test_the_workspaces_commands_keep_it(layout, capsys):
    for words in (["start"], ["status"], ["status", "--json"], ["trainings"], ["serve"]):
        main(words)
        said = "".join(capsys.readouterr())
        assert said and SECRET not in said, words
    assert not leaks(layout.root)


@pytest.mark.parametrize(
    ("tracking", "serving"),
    [
        (URI, URI),
        (f"postgresql://me:{SECRET}@{NOBODY}/mlflow", f"{URI}?key={SECRET}"),
        (f"databricks://{SECRET}:x@{NOBODY}", ""),
        (f"http://me:{SECRET}@[::1", ""),
        ("", f"http://me:{SECRET}@[::1"),
        ("", f"ftp://me:{SECRET}@{NOBODY}"),
    ],
)
def test_an_assessment_keeps_it(layout, repository, capsys, tmp_path, tracking, serving):
    token = tmp_path / "token"
    token.write_text(SECRET)
    where = ["--repo", str(repository), "--tracking-uri", tracking, "--serving-url", serving]
    where += ["--serving-token-file", str(token)]
    pages = ["--html", str(tmp_path / "out" / "r.html"), "--md", str(tmp_path / "out" / "r.md")]
    (tmp_path / "out").mkdir()
    for words in ([*where, *pages], [*where, "--json"]):
        main(["assess", *words])
        said = "".join(capsys.readouterr())
        assert said and SECRET not in said, [line for line in said.splitlines() if SECRET in line]
    assert not leaks(tmp_path / "out") and not leaks(layout.root)


@pytest.mark.slow
def test_server_and_pages_keep_it_when_they_cannot_start(layout, monkeypatch):
    layout.project.mkdir(parents=True)
    for level in (1, 2, 3):
        solved = KIT_ROOT / "solutions" / f"level_{level}"
        shutil.copytree(solved, layout.project, dirs_exist_ok=True)
    with pytest.raises(KitError) as refused:
        ModelServer(layout).start()
    assert NOBODY in str(refused.value) and SECRET not in str(refused.value)
    with pytest.raises(UiError, match=NOBODY) as refused:
        UiProcess(layout).wait_until_ready()
    assert "its own pages" in str(refused.value) and SECRET not in str(refused.value)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"oracle://me:{SECRET}@{NOBODY}/mlflow")
    with pytest.raises(UiError, match=NOBODY) as refused:
        UiProcess(layout).wait_until_ready()
    assert SECRET not in str(refused.value)
    assert layout.logs.exists() and not leaks(layout.root)


LOOKS_SECRET = re.compile(
    r"token=\w{16}|Bearer [\w-]{20}|BEGIN [A-Z ]*PRIVATE KEY|://[^/\s:@\"']+:[^/\s@\"'{…]+@"
)


def test_no_stored_output_holds_one():
    for path in sorted((KIT_ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            said = json.dumps(cell.get("outputs", []), ensure_ascii=False)
            found = LOOKS_SECRET.search(said)
            assert not found, f"{path.name}, cell {cell['id']}: {found[0]}"


def test_the_pattern_sees_what_it_looks_for():
    assert LOOKS_SECRET.search(f"tracking at {URI}")
    assert LOOKS_SECRET.search("http://127.0.0.1:8888/lab?token=0123456789abcdef0123")
    assert not LOOKS_SECRET.search("http://127.0.0.1:5000/#/models")
