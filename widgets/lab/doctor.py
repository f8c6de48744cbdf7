"""Says within a minute whether this machine is ready for a class, each finding with its mend."""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from pathlib import Path

from widgets.base.memory import memory_of_this_machine
from widgets.base.paths import Layout
from widgets.lab.environment import Environment, Part
from widgets.lab.finding import Finding, Health, bad, good, note
from widgets.lab.inside import look_inside
from widgets.lab.start import FIRST_PORT, free_port

GB = 1e9
DISK_NEEDED = 2.0
MEMORY_NEEDED = 2.0
MEMORY_GOOD = 4.0
NEWEST_TRIED = (3, 14)
GIT_NEEDED = (2, 28)
WORKSPACE = "MATURITY_WORKSPACE"
CLASSROOM = "MATURITY_CLASSROOM"


def main(environment: Environment, as_json: bool) -> int:
    """Look at this machine and say what was found; return 0 if it is ready."""
    findings = []
    for finding in examine(environment, Layout.current()):
        findings.append(finding)
        if not as_json:
            print("\n".join(finding.lines()), flush=True)
    faults = sum(finding.health is Health.BAD for finding in findings)
    if as_json:
        value = {"ready": not faults, "findings": [finding.value() for finding in findings]}
        print(json.dumps(value, ensure_ascii=False, indent=1))
    elif faults:
        print(f"\nNot ready: {faults} to mend, marked ✗.")
    else:
        print("\nThis machine is ready.")
    return 1 if faults else 0


def examine(environment: Environment, layout: Layout) -> Iterator[Finding]:
    """Look at one thing after another."""
    yield look_at_python()
    yield look_at_disk(environment.root, environment.is_ready(Part.LEARNER))
    yield look_at_memory()
    yield look_at_writing("kit", environment.root, "Put the kit into a folder of your own.")
    yield look_at_writing("workspace", layout.root, f"Name a folder of your own in {WORKSPACE}.")
    if named := os.environ.get(CLASSROOM):
        yield look_at_class(named)
    yield look_at_git()
    yield look_at_author()
    yield look_at_browser()
    yield look_at_port()
    if environment.is_ready(Part.LEARNER):
        yield from look_inside(environment)
    else:
        yield bad("set-up", "the kit is not set up yet", "python lab.py setup")


def look_at_python() -> Finding:
    """Look at the Python that runs this."""
    found = f"{platform.python_version()} ({sys.executable})"
    if sys.maxsize < 2**32:
        return bad("Python", f"{found}, 32 bits", "Install a Python with 64 bits.")
    if sys.version_info[:2] > NEWEST_TRIED:
        mend = "If the set-up fails, use Python 3.11 to {}.{}.".format(*NEWEST_TRIED)
        return note("Python", f"{found}: newer than those that were tried", mend)
    return good("Python", found)


def look_at_disk(root: Path, installed: bool) -> Finding:
    """Look at the room on the disk on which the kit lies."""
    free = shutil.disk_usage(root).free / GB
    needed = DISK_NEEDED / 4 if installed else DISK_NEEDED
    if free < needed:
        return bad("disk", f"{free:.1f} GB free", f"Make room: {needed:g} GB are needed.")
    return good("disk", f"{free:.0f} GB free")


def look_at_memory() -> Finding:
    """Look at the memory of this machine."""
    whole = memory_of_this_machine()
    if whole is None:
        return note("memory", "cannot be seen here", f"{MEMORY_GOOD:g} GB are comfortable.")
    found = f"{whole / GB:.1f} GB"
    if whole / GB < MEMORY_NEEDED:
        return bad("memory", found, f"{MEMORY_NEEDED:g} GB are needed: close other programs.")
    if whole / GB < MEMORY_GOOD:
        return note("memory", found, "Keep one notebook open at a time.")
    return good("memory", found)


def look_at_writing(about: str, folder: Path, mend: str) -> Finding:
    """Look whether a folder, or the one in which it will be made, can be written."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryDirectory(dir=there):
            pass
    except OSError as error:
        return bad(about, f"{there} cannot be written ({error.strerror})", mend)
    return good(about, str(folder))


def look_at_class(named: str) -> Finding:
    """Look whether what a learner agrees to share would arrive in the class's folder."""
    mend = f"Make it as docs/classroom.md says. To share nothing, unset {CLASSROOM}."
    try:
        folder = Path(named).expanduser()
        if not folder.is_dir():
            return bad("class", f"{CLASSROOM} names {folder}, which is no folder", mend)
        return look_at_writing("class", folder, mend)
    except (OSError, RuntimeError) as error:  # who may not enter the one above, nobody's home
        return bad("class", f"{CLASSROOM} names {named[:80]}, which cannot be used ({error})", mend)


def look_at_git() -> Finding:
    """Look for git, and whether it is new enough."""
    found = answer_of("git", "--version")
    if found is None:
        return bad("git", "not found", "Install git: git-scm.com, or your system's packages.")
    version = re.search(r"(\d+)\.(\d+)", found)
    if version is None or (int(version[1]), int(version[2])) < GIT_NEEDED:
        return bad("git", found, "Install git {}.{} or newer.".format(*GIT_NEEDED))
    return good("git", found)


def look_at_author() -> Finding:
    """Look whether git knows whose commits it makes."""
    values = {"user.name": "Your Name", "user.email": "you@example.org"}
    missing = [key for key in values if not answer_of("git", "config", "--global", key)]
    if missing:
        mend = "\n".join(f'git config --global {key} "{values[key]}"' for key in missing)
        return bad("git author", f"{' and '.join(missing)} not set", mend)
    return good("git author", answer_of("git", "config", "--global", "user.name") or "")


def look_at_browser() -> Finding:
    """Look for a browser that can be opened from here."""
    try:
        webbrowser.get()
    except webbrowser.Error:
        mend = "Open the address that lab.py prints in a browser of this machine."
        return note("browser", "none can be opened from here", mend)
    return good("browser", "can be opened")


def look_at_port() -> Finding:
    """Look which port JupyterLab would take."""
    port = free_port()
    if port != FIRST_PORT:
        return note("port", f"{FIRST_PORT} is taken; JupyterLab will use {port}")
    return good("port", f"{port} is free")


def answer_of(*words: str) -> str | None:
    """Return what a program answers, or None if it is not there or fails."""
    env = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        answer = subprocess.run(
            words,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=20,
            env=env,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None
