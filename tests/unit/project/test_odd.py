"""Odd and hostile repositories: an answer each, nothing followed out of the folder, no hang."""

import subprocess
import time

import pytest

from widgets.base.stranger_yaml import read_stranger
from widgets.maturity import State
from widgets.project.assess import Asked, assess_project
from widgets.project.report import read_report, report_of
from widgets.project.traces import traces
from widgets.project.written import as_html, as_markdown, as_text

BOMB = "a: &a [x, x, x, x]\n" + "\n".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(f'*{chr(97 + n)}' for _ in range(9))}]"
    for n in range(12)
)


def look(folder):
    return assess_project(Asked(folder)).assessment


def test_every_trace_names_a_practice_of_the_model_and_a_pattern_that_compiles():
    from widgets.maturity import load

    assert set(traces()) <= {practice.id for practice in load().practices}
    assert all(trace.files for lines in traces().values() for trace in lines)


def test_a_trace_is_claimed_with_its_line_and_never_proved(commit, tmp_path):
    commit(**{"flow.py": "# nightly\nimport airflow\n", "MODEL_CARD.md": "# late\n"})
    found = look(tmp_path / "team")
    assert found.of("automated-training").state is State.CLAIMED
    assert "trace of Airflow (flow.py:2)" in found.of("automated-training").reason
    assert "MODEL_CARD.md" in found.of("governance").reason


def test_strange_files_are_no_obstacle(git, commit, tmp_path):
    team = tmp_path / "team"
    commit(**{"a.txt": "a"})
    (team / "new\nline.py").write_text("import airflow\n")
    (team / "latin.py").write_bytes(b"import airflow  # caf\xe9\n")
    (team / "Dockerfile").write_bytes(b"\0" * 10_000)
    (team / "loop").symlink_to("loop")
    (team / "requirements.txt").symlink_to("/etc/passwd")
    (team / "large.yml").write_bytes(b"x: y\n" * 11_000_000)
    (team / ".github" / "workflows").mkdir(parents=True)
    (team / ".github" / "workflows" / "bomb.yml").write_text(BOMB)
    commit(2)
    began = time.monotonic()
    result = assess_project(Asked(team))
    assert time.monotonic() - began < 60
    assert result.assessment.proved_level == 0
    assert "root:" not in str(result)
    assert any("not read" in note for note in result.notes)


@pytest.mark.parametrize("text", [BOMB, "[" * 5000, "a: *b", "!!python/object:os.system x", "\0"])
def test_yaml_that_nobody_writes_is_nothing(text):
    assert read_stranger(text) is None


def test_a_bare_repository_a_shallow_clone_and_a_folder_of_a_larger_one(commit, tmp_path):
    team = tmp_path / "team"
    for day in range(1, 8):
        commit(day, **{"service__code.py": f"x = {day}\n", "other__code.py": "y = 1\n"})
    clone = ["git", "clone", "--quiet"]
    subprocess.run([*clone, "--bare", str(team), str(tmp_path / "bare.git")], check=True)
    shallow = ["--depth", "1", f"file://{team}", str(tmp_path / "shallow")]
    subprocess.run([*clone, *shallow], check=True)
    assert look(tmp_path / "bare.git").of("version-control").state is State.PROVED
    assert look(tmp_path / "shallow").of("version-control").state is State.HIDDEN
    assert look(team / "service").of("version-control").state is State.PROVED
    assert look(team / "other").of("version-control").state is State.MISSING  # one commit there


def test_a_submodule_is_read_by_its_own_folder_and_not_entered_from_outside(git, commit, tmp_path):
    commit(**{"a.txt": "a"})
    who = [
        "-c",
        "user.name=b",
        "-c",
        "user.email=b@example.org",
        "-c",
        "protocol.file.allow=always",
    ]
    outer = tmp_path / "outer"
    outer.mkdir()
    run = ["git", *who]
    subprocess.run([*run, "init", "--quiet"], cwd=outer, check=True)
    add = ["submodule", "--quiet", "add", str(tmp_path / "team"), "part"]
    subprocess.run([*run, *add], cwd=outer, check=True)
    subprocess.run([*run, "commit", "--quiet", "-m", "x"], cwd=outer, check=True)
    assert any("1 submodules" in note for note in assess_project(Asked(outer)).notes)
    assert look(outer / "part").of("version-control").reason.startswith("1 commits")


def test_a_report_says_what_strangers_wrote_as_text_and_is_read_again(git, tmp_path):
    team = tmp_path / "<script>alert(1)<b>"
    (tmp_path / "team").rename(team)
    report = report_of(assess_project(Asked(team)), {})
    page = as_html(report)
    assert "<script>alert" not in page
    assert page.count("<script") == 1
    (tmp_path / "r.html").write_text(page, encoding="utf-8")
    assert read_report(tmp_path / "r.html") == report
    assert "\\<script\\>" in as_markdown(report)
    assert len(as_text(report)) > 20
