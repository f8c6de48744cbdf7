"""Judges what the pushes of exercise 1.4 left behind. Pure: it opens and runs nothing."""

from typing import Any

import yaml
from _pushes import WORKFLOW, Pushes

BUILT = ("build/", "dist/", "__pycache__/", ".pytest_cache/")
INCIDENT = "the branch with the incident's bug (weekday counted from 1)"


def judge_workflow(pushes: Pushes) -> None:
    """Fail unless the workflow runs ci.py on every push and fits the published schema."""
    assert pushes.workflow is not None, (
        f"There is no {WORKFLOW} in the project. `maturity reset 1.4` brings the starter back."
    )
    try:
        data = yaml.safe_load(pushes.workflow)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or "this is not YAML"
        raise AssertionError(
            f"{WORKFLOW}: {place}{problem}. Is each line indented like its neighbours?"
        ) from None
    assert isinstance(data, dict) and data, f"{WORKFLOW} is empty: begin from the starter."
    _judge_trigger(data.get("on", data.get(True)))  # YAML 1.1 reads a bare `on` as true
    schema = pushes.schema
    assert schema is not None and schema.code == 0, (
        f"{WORKFLOW} does not fit the published schema of GitHub's workflows; GitHub would not "
        f"run it:\n{_best_match(schema.output) if schema else ''}"
    )
    scripts = [
        str(step["run"])
        for job in data["jobs"].values()
        for step in job.get("steps", [])
        if "run" in step
    ]
    assert any("ci.py" in script for script in scripts), (
        f"{WORKFLOW}: no step runs ci.py. Add one at the end of `steps:`, indented like the step "
        f"above it: `- run: python ci.py`. Steps found: {', '.join(scripts) or 'none'}."
    )
    for script in scripts:
        assert "|| true" not in script and "|| :" not in script, (
            f"{WORKFLOW}: `{script.strip()}` ends well whatever happens: a red test would be green."
        )


def judge_repository(pushes: Pushes) -> None:
    """Fail unless the project is a repository with commits and knows its origin."""
    if not pushes.commits:
        assert pushes.has_identity, (
            "There is no commit yet, and git does not know who you are: it refuses to commit. "
            'Say so once:\n  git config --global user.name "Your Name"\n'
            "  git config --global user.email you@example.org"
        )
        raise AssertionError(
            "The project has no commit yet. In a terminal in the project's folder:\n"
            '  git init -b main\n  git add .\n  git commit -m "The package, its tests, its build"'
        )
    assert pushes.remote is not None, (
        "The project does not know where to push to. In the project's folder:\n"
        "  git remote add origin ../origin.git"
    )
    assert pushes.remote_is_origin, (
        f"The project's remote `origin` is {pushes.remote}, not the origin beside the project. "
        "Set it:\n  git remote set-url origin ../origin.git"
    )
    assert pushes.origin, (
        "There is no origin.git beside the project. Begin exercise 1.4 in its notebook: that "
        "makes it."
    )
    assert not pushes.spoiled, (
        f"In origin.git/ci {', '.join(pushes.spoiled)} was not written by the hooks, or was "
        "changed: it does not fit its commit. Remove it and push the commit to a new branch."
    )
    assert pushes.records, (
        "Nothing was tested yet: no push has reached the origin. Push to a branch:\n"
        "  git push origin main:first-build"
    )


def judge_red(pushes: Pushes) -> None:
    """Fail unless a commit with a changed package is red, because tests failed."""
    red = [record for record in pushes.records if record["result"] == "red"]
    assert red, (
        f"No run is red. Push {INCIDENT}. If that branch turned green, your tests do not see the "
        "bug: go back to 1.2."
    )
    faults = [_why_not_red(record, pushes) for record in red]
    assert None in faults, f"No red run shows what {INCIDENT} would show:\n" + "\n".join(
        f"  {str(record['commit'])[:10]} on {record['branch']}: {fault}"
        for record, fault in zip(red, faults, strict=True)
    )


def judge_never_main(pushes: Pushes) -> None:
    """Fail if main ever was a commit without a green record, or moved behind the hooks' back."""
    assert pushes.main is not None, (
        "The origin has no main yet. Push a green commit to it: git push origin main"
    )
    assert pushes.was_main and pushes.was_main[-1] == pushes.main, (
        "The origin's reflog does not know how main came to where it is: it was moved by hand, "
        "not by a push. Push a new green commit to main."
    )
    results = {record["commit"]: record["result"] for record in pushes.records}
    for commit in pushes.was_main:
        assert results.get(commit) == "green", (
            f"main was {commit[:10]}, whose run is {results.get(commit, 'not recorded')}. The "
            "hooks let no such push through: were they switched off?"
        )


def judge_refusal(pushes: Pushes) -> None:
    """Fail unless the origin refuses the red commit on main, tried for real on a copy."""
    assert pushes.push is not None and pushes.tried is not None, (
        f"There is no commit with failing tests to try: push {INCIDENT} first."
    )
    assert pushes.push.code, (
        f"On a copy of your origin {pushes.tried[:10]}, a red commit, was pushed to main, and main "
        "took it. The origin's hooks are missing or changed; begin exercise 1.4 again in its "
        "notebook: that writes them anew."
    )
    assert "RED" in pushes.push.output, (
        f"The push of {pushes.tried[:10]} to main of a copy failed, but for another reason:\n"
        f"{_end(pushes.push.output)}"
    )


def judge_green(pushes: Pushes) -> None:
    """Fail unless main is a green commit, tested after the red one, exactly as it is."""
    assert pushes.main is not None, "The origin has no main yet."
    record = next((one for one in pushes.records if one["commit"] == pushes.main), None)
    assert record is not None and record["result"] == "green", (
        f"main is {pushes.main[:10]}, which has no green record."
    )
    file = record["ci_file"] or {}
    assert record["tree"] == pushes.main_tree and file.get("digest") == pushes.main_digest, (
        f"The record of {pushes.main[:10]} speaks of other files than the commit has. Remove it "
        "and push the commit to a new branch."
    )
    reds = [one for one in pushes.records if _why_not_red(one, pushes) is None]
    assert reds, f"main is green, but the red run is missing: push {INCIDENT}."
    assert str(record["finished_at"]) > str(reds[0]["finished_at"]), (
        f"main is still the commit from before the red one. Take the bug out on the branch, "
        f"commit, push; when it is green: git push origin {reds[-1]['branch']}:main"
    )


def judge_tidy(pushes: Pushes) -> None:
    """Fail if main holds what a program can make again."""
    stray = [
        file
        for file in pushes.main_files
        if file.endswith((".whl", ".pyc"))
        or ".egg-info/" in file
        or any(f"/{folder}" in f"/{file}" for folder in BUILT)
    ]
    assert not stray, (
        f"{', '.join(stray[:3])} {'are' if len(stray) > 1 else 'is'} under version control, though "
        "a program can make it again. Name its folder in .gitignore, then:\n"
        f"  git rm -r --cached {stray[0].rpartition('/')[0] or stray[0]}"
    )


def _judge_trigger(on: Any) -> None:
    assert on is not None, f"{WORKFLOW}: `on:` is missing. Write `on: push`."
    events = on if isinstance(on, dict) else dict.fromkeys([on] if isinstance(on, str) else on)
    assert "push" in events, (
        f"{WORKFLOW}: it runs on {', '.join(map(str, events))}, not on a push. Write `on: push`."
    )
    branches = (events["push"] or {}).get("branches")
    assert branches is None or "**" in branches, (
        f"{WORKFLOW}: it runs on pushes to {branches} alone. A commit must be tested before it "
        "comes to main: leave `branches` out."
    )


def _why_not_red(record: dict[str, Any], pushes: Pushes) -> str | None:
    tests = record["tests"]
    if record["result"] != "red":
        return "it is green"
    if tests["errors"]:
        return f"{tests['errors']} test files or fixtures could not start: that is no test that bit"
    if not tests["failed"]:
        return f"no test failed; it is red because {record.get('reason')}"
    changed = pushes.changed.get(str(record["commit"]))
    if changed is not None and not any(file.startswith("flights/") for file in changed):
        return "its package is the same as main's: not the code was wrong, but " + ", ".join(
            file for file in changed if file
        )
    return None


def _best_match(said: str) -> str:
    """Return the places that check-jsonschema found, without the file's text."""
    places = [line.strip() for line in said.splitlines() if line.lstrip().startswith("$.")]
    return "\n".join(f"  {place}" for place in dict.fromkeys(places)) or _end(said)


def _end(text: str, lines: int = 10) -> str:
    return "\n".join(text.strip().splitlines()[-lines:])
