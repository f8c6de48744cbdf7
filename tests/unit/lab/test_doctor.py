"""The doctor: each finding that is not good has a mend."""

import socket
import stat
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from widgets.base.paths import Layout
from widgets.lab import doctor
from widgets.lab.finding import Health


@pytest.fixture
def no_git_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let git read a configuration of this test alone; return its file."""
    file = tmp_path / "gitconfig"
    file.touch()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(file))
    return file


def program(folder: Path, name: str, says: str) -> None:
    """Write a program that says one thing."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_a_kit_that_is_not_set_up_is_a_finding_with_its_command(kit, tmp_path):
    findings = list(doctor.examine(kit, Layout(tmp_path / "workspace")))
    last = findings[-1]
    assert last.health is Health.BAD
    assert "lab.py" in last.mend
    for finding in findings:
        assert finding.health is Health.GOOD or finding.mend or finding.about == "port"


def test_a_git_without_a_name_gets_the_two_commands(no_git_config):
    finding = doctor.look_at_author()
    assert finding.health is Health.BAD
    assert [line.split(" ")[3] for line in finding.mend.splitlines()] == ["user.name", "user.email"]


def test_a_git_that_knows_its_author_is_good(no_git_config):
    no_git_config.write_text("[user]\n  name = Ada\n  email = ada@example.org\n")
    assert doctor.look_at_author().health is Health.GOOD


@pytest.mark.skipif(sys.platform == "win32", reason="the programs are shell scripts")
def test_an_old_git_and_no_git_are_told_apart(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert "not found" in doctor.look_at_git().what
    program(tmp_path / "bin", "git", "git version 2.17.1")
    old = doctor.look_at_git()
    assert old.health is Health.BAD
    assert "2.28" in old.mend
    program(tmp_path / "bin", "git", "git version 2.28.0 (Apple Git-1)")
    assert doctor.look_at_git().health is Health.GOOD


def test_a_port_that_is_taken_stops_nobody():
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(sys.platform != "win32"))
        with suppress(OSError):  # somebody else has it: as good
            other.bind(("127.0.0.1", doctor.FIRST_PORT))
            other.listen()
        finding = doctor.look_at_port()
    assert finding.health is Health.NOTE
    assert "will use" in finding.what


def test_little_memory_and_little_room_are_found(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "memory_of_this_machine", lambda: 10**9)
    assert doctor.look_at_memory().health is Health.BAD
    monkeypatch.setattr(doctor, "memory_of_this_machine", lambda: 3 * 10**9)
    assert doctor.look_at_memory().health is Health.NOTE
    monkeypatch.setattr(doctor, "DISK_NEEDED", 10**9)
    assert doctor.look_at_disk(tmp_path, installed=False).health is Health.BAD


def test_a_class_without_a_folder_is_told_before_the_lesson(monkeypatch, tmp_path):
    folder = tmp_path / "class"
    found = doctor.look_at_class(str(folder))
    assert found.health is Health.BAD and str(folder) in found.what
    assert "classroom.md" in found.mend
    folder.mkdir()
    assert doctor.look_at_class(str(folder)).health is Health.GOOD
    assert not list(folder.iterdir()), "nothing of the trial is left"


def test_a_class_folder_with_an_impossible_name_is_a_finding_too(tmp_path):
    assert doctor.look_at_class(f"{tmp_path}/{'x' * 300}").health is Health.BAD
