"""Does in git what exercise 1.4 asks for: commits, pushes, a red branch, its repair.

Run in the project's folder, after the files of 1.1 to 1.4 are there. It looks at what is done
already, so it can be run again after it was interrupted.
"""

import json
import subprocess
import sys
from pathlib import Path

ORIGIN = Path("..") / "origin.git"
FEATURES = Path("flights") / "features.py"
BRANCH = "incident-weekday"
COMMITS = (
    ("What Level 0 left: the notebooks, so that nothing is lost", ["analysis"]),
    ("The package: features and training as functions that can be tested", ["flights"]),
    ("Tests that bite: each promise of the package, and the case that breaks it", ["tests"]),
    (
        "One build, one environment: what was tested is what will run",
        ["pyproject.toml", "requirements.txt", "ci.py"],
    ),
    (
        "Every push is tested: the workflow runs ci.py on a clean checkout",
        [".github", ".gitignore"],
    ),
)
MARK = "# The incident: a colleague tidies the weekday."
BUG = f'''

{MARK}
_build_features = build_features


def build_features(flights):
    """Return the features with the weekday counted from 1, "as everybody counts"."""
    features = _build_features(flights)
    return features.assign(weekday=features["weekday"] + 1)
'''


def main() -> int:
    if not FEATURES.is_file():
        sys.exit(f"{FEATURES} is missing: solve 1.1 to 1.3 first (maturity catch-up 1.4)")
    if not (ORIGIN / "HEAD").is_file():
        sys.exit(f"{ORIGIN.resolve()} is missing: begin exercise 1.4 first, that makes it")
    if not Path(".git").exists():
        git("init", "--quiet", "-b", "main")
    know_the_origin()
    if not has_bug():
        commit_what_is_there()
    if not main_is_green():
        bring_to_main("first-build")
    if finished():
        return 0
    if not red_is_recorded():
        show_the_incident()
    mend()
    bring_to_main(BRANCH)
    follow_main()
    return 0


def know_the_origin() -> None:
    """Name the origin beside the project `origin`; touch no other."""
    url = git_may_fail("config", "remote.origin.url").stdout.strip()
    if not url:
        git("remote", "add", "origin", ORIGIN.as_posix())
    elif Path(url).resolve() != ORIGIN.resolve():
        sys.exit(f"the remote `origin` is {url}: git remote set-url origin {ORIGIN.as_posix()}")


def commit_what_is_there() -> None:
    """Commit what is not committed yet, each part with its reason."""
    for message, paths in COMMITS:
        commit(message, *[path for path in paths if Path(path).exists()])
    commit("What else the project holds", ".")


def show_the_incident() -> None:
    """Commit the incident's bug on a branch of its own and push it: it must turn red."""
    if not has_bug():
        git("fetch", "--quiet", "origin", "main")
        git("switch", "--quiet", "-C", BRANCH, "FETCH_HEAD")
        write_features(FEATURES.read_text(encoding="utf-8").rstrip("\n") + "\n" + BUG)
    commit("Count the weekday from 1, as everybody counts", "flights")
    said = push_to_be_tested(BRANCH)
    if not red_is_recorded():
        sys.exit(f"the incident's bug did not turn the CI red: solve 1.2 first\n{said}")
    refused = git_may_fail("push", "origin", "HEAD:main")
    if refused.returncode == 0:
        sys.exit("main took a red commit: the origin's hooks are missing")
    print(refused.stderr)


def mend() -> None:
    """Take the bug out again and commit that on the branch."""
    if git("rev-parse", "--abbrev-ref", "HEAD").strip() != BRANCH:
        git("switch", "--quiet", BRANCH)
    if has_bug():
        write_features(FEATURES.read_text(encoding="utf-8").partition(f"\n\n\n{MARK}")[0] + "\n")
    commit("Count the weekday from 0 again: the model learned it so", "flights")


def bring_to_main(branch: str) -> None:
    """Push this commit to `branch`, and when it is green to main."""
    if record(head()).get("result") != "green":
        said = push_to_be_tested(branch)
        if record(head()).get("result") != "green":
            sys.exit(f"the CI is not green: solve 1.1 to 1.3 first\n{said}")
    git("push", "--quiet", "origin", "HEAD:main")


def push_to_be_tested(branch: str) -> str:
    """Push this commit to `branch` and return what the origin said.

    If the branch is there already (an earlier run was interrupted), nothing might be tested:
    then it goes to a further branch.
    """
    said = ""
    for name in (branch, *(f"{branch}-{number}" for number in range(2, 10))):
        said = git_may_fail("push", "origin", f"HEAD:refs/heads/{name}").stderr
        if record(head()):
            break
    print(said)
    return said


def follow_main() -> None:
    """Bring the local main to where the origin's is, if nothing of its own is in the way."""
    if git_may_fail("switch", "--quiet", "main").returncode:
        git("switch", "--quiet", "-c", "main")
    git_may_fail("merge", "--quiet", "--ff-only", BRANCH)


def finished() -> bool:
    """Return whether the mended branch is a part of the origin's main already."""
    if has_bug() or git_may_fail("rev-parse", "--verify", "--quiet", BRANCH).returncode:
        return False
    git("fetch", "--quiet", "origin", "main")
    merged = git_may_fail("merge-base", "--is-ancestor", BRANCH, "FETCH_HEAD").returncode == 0
    return merged and red_is_recorded()


def record(commit_id: str) -> dict[str, object]:
    """Return the CI's record of a commit, or an empty dictionary."""
    file = ORIGIN / "ci" / f"{commit_id}.json"
    found: dict[str, object] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return found


def main_is_green() -> bool:
    """Return whether the origin has a main: it takes only what is green."""
    return git_may_fail("ls-remote", "--exit-code", "origin", "refs/heads/main").returncode == 0


def red_is_recorded() -> bool:
    """Return whether a commit of ours with the incident's bug has a red record."""
    ours = git("log", "--all", "--format=%H", "-S", MARK, "--", FEATURES.as_posix()).split()
    return any(record(one).get("result") == "red" for one in ours)


def has_bug() -> bool:
    return MARK in FEATURES.read_text(encoding="utf-8")


def write_features(text: str) -> None:
    draft = FEATURES.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(FEATURES)


def head() -> str:
    return git("rev-parse", "HEAD").strip()


def commit(message: str, *paths: str) -> None:
    """Commit `paths` if something in them changed."""
    if not paths:
        return
    git("add", "--all", "--", *paths)
    if git_may_fail("diff", "--cached", "--quiet").returncode:
        git("-c", "commit.gpgSign=false", "commit", "--quiet", "-m", message)


def git(*words: str) -> str:
    """Run git and return what it printed; end with its message if it fails."""
    done = git_may_fail(*words)
    if done.returncode:
        sys.exit(f"git {' '.join(words)} failed:\n{done.stderr}{done.stdout}")
    return done.stdout


def git_may_fail(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run git in the project and return how it ended."""
    return subprocess.run(["git", *words], capture_output=True, encoding="utf-8", errors="replace")


if __name__ == "__main__":
    sys.exit(main())
