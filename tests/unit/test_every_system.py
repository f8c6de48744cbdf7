"""What runs on a learner's machine runs on Windows too: no call that only POSIX has, unguarded.

It reads the code. That it works there is for the machines of CI to say.
"""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from widgets.base.paths import KIT_ROOT
from widgets.base.processes import NEW_GROUP, OWN_GROUP

TABLE = """
os      fork forkpty getuid geteuid getgid getegid getgroups getpgid getpgrp setpgid setsid setuid
os      setgid killpg chown lchown fchmod mkfifo nice sysconf getloadavg uname wait wait3 wait4
os      WNOHANG O_NOFOLLOW O_DIRECTORY O_CLOEXEC O_NONBLOCK execve execvpe
signal  SIGKILL SIGHUP SIGQUIT SIGUSR1 SIGUSR2 SIGALRM SIGCHLD SIGPIPE SIGSTOP SIGCONT alarm
signal  setitimer pause pthread_kill sigwait
socket  AF_UNIX socketpair
select  poll epoll kqueue
import  fcntl pwd grp resource termios tty pty syslog posix crypt readline
"""
ONLY_POSIX: dict[str, set[str]] = {}
for module, *names in map(str.split, TABLE.strip().splitlines()):
    ONLY_POSIX.setdefault(module, set()).update(names)
MODULES = ONLY_POSIX.pop("import")
ASKED = ("os.name", "sys.platform", "hasattr(", "OWN_GROUP", "WINDOWS")
# Reached only where something that is not there on Windows has been found first.
REACHED_WITH_CARE = {
    ("widgets/mlflow_ui/serve.py", "socket.AF_UNIX"),  # a path is given only where there are some
    ("widgets/lab/hosted.py", "os.execve"),  # Windows has returned above
    ("widgets/base/memory.py", "os.sysconf"),  # an AttributeError is caught
    # Both sides of a fork work only where CAN_FORK has found Linux.
    ("widgets/exercise/nursery.py", "os.fork"),
    ("widgets/exercise/nursery.py", "os.setsid"),
    ("widgets/exercise/nursery.py", "os.WNOHANG"),
    ("widgets/exercise/nursery.py", "socket.AF_UNIX"),
    ("widgets/exercise/nursery.py", "socket.socketpair"),
    ("widgets/exercise/nursery.py", "signal.SIGCHLD"),
    ("widgets/exercise/forks.py", "select.poll"),
    ("widgets/exercise/forks.py", "socket.AF_UNIX"),
    ("widgets/exercise/forks.py", "socket.socketpair"),
    ("widgets/exercise/forks.py", "signal.SIGKILL"),
}
PLACES = ("widgets", "exercises", "solutions")
READS_OR_WRITES = {"open", "read_text", "write_text", "fdopen"}
RUNS = {"run", "Popen", "check_output", "check_call"}


def files() -> list[Path]:
    """Return what runs on a learner's machine."""
    found = [path for place in PLACES for path in (KIT_ROOT / place).rglob("*.py")]
    return sorted(path for path in found if "__pycache__" not in path.parts)


def walk(node: ast.AST, asked: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Yield all nodes below one, and whether they stand behind a question about the system."""
    yield node, asked
    behind = asked
    if isinstance(node, ast.If | ast.IfExp):
        behind |= any(word in ast.unparse(node.test) for word in ASKED)
    for child in ast.iter_child_nodes(node):
        yield from walk(child, behind)


def only_posix(source: str) -> set[str]:
    """Return what a file uses that only POSIX has, without asking where it runs."""
    found = set()
    for node, asked in walk(ast.parse(source)):
        if asked:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in MODULES}
        elif isinstance(node, ast.ImportFrom):
            names = ONLY_POSIX.get(node.module or "", set())
            found |= {f"{node.module}.{alias.name}" for alias in node.names if alias.name in names}
            found |= {node.module} & MODULES if node.module else set()
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in ONLY_POSIX.get(node.value.id, set()):
                found.add(f"{node.value.id}.{node.attr}")
        elif isinstance(node, ast.keyword) and node.arg == "preexec_fn":
            found.add("preexec_fn")
    return found


def without_encoding(source: str) -> list[str]:
    """Return the calls that read or write text in whatever encoding the machine prefers."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        given = {keyword.arg for keyword in node.keywords}
        function = node.func
        name = getattr(function, "attr", getattr(function, "id", ""))
        first = 1 if isinstance(function, ast.Name) or name == "fdopen" else 0
        modes = [
            *node.args[first : first + 1],
            *(k.value for k in node.keywords if k.arg == "mode"),
        ]
        binary = any("b" in ast.unparse(mode) for mode in modes)
        if name == "open" and ast.unparse(function).startswith(("os.", "self._opener", "urllib")):
            continue  # other opens than that of a text
        if name == "open" and not isinstance(function, ast.Name) and "(" in ast.unparse(function):
            continue  # build_opener(…).open(address)
        in_place = name in ("read_text", "write_text") and len(node.args) > (name == "write_text")
        text = name in READS_OR_WRITES and not binary and not in_place
        text |= name in RUNS and bool(given & {"text", "universal_newlines"})
        if text and "encoding" not in given:
            found.append(f"line {node.lineno}: {ast.unparse(node)[:80]}")
    return found


@pytest.mark.parametrize("place", PLACES)
def test_what_only_posix_has_stands_behind_a_question(place):
    for path in files():
        name = path.relative_to(KIT_ROOT).as_posix()
        if name.startswith(place):
            careful = {what for where, what in REACHED_WITH_CARE if where == name}
            assert only_posix(path.read_text(encoding="utf-8")) <= careful, name


def test_the_careful_ones_are_still_there():
    for name, what in REACHED_WITH_CARE:
        assert what in (KIT_ROOT / name).read_text(encoding="utf-8"), name


@pytest.mark.parametrize("place", PLACES)
def test_text_is_read_and_written_in_a_named_encoding(place):
    for path in files():
        name = path.relative_to(KIT_ROOT).as_posix()
        if name.startswith(place):
            assert not without_encoding(path.read_text(encoding="utf-8")), name


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os\nos.fork()", {"os.fork"}),
        ("import fcntl", {"fcntl"}),
        ("from signal import SIGKILL", {"signal.SIGKILL"}),
        ("run(x, preexec_fn=f)", {"preexec_fn"}),
        ("import os\nif os.name != 'nt':\n    os.killpg(0, 9)", set()),
        ("import os\nif hasattr(os, 'fork'):\n    pass\nos.fork()", {"os.fork"}),
    ],
)
def test_these_tests_can_see(source, found):
    assert only_posix(source) == found


def test_these_tests_can_see_a_missing_encoding():
    assert len(without_encoding("open(p)\np.read_text()\nrun(w, text=True)\np.open('a')")) == 4
    assert not without_encoding("open(p, 'rb')\np.read_text('utf-8')\np.open('ab')\nrun(w)")


def test_names_can_be_checked_out_on_every_system():
    """Windows refuses some letters and names, and knows no difference between A and a."""
    names = [
        path.relative_to(KIT_ROOT) for place in PLACES for path in (KIT_ROOT / place).rglob("*")
    ]
    for name in names:
        assert not set('<>:"|?*\\') & set(str(name)), name
        assert not {part.partition(".")[0].upper() for part in name.parts} & {"CON", "NUL", "AUX"}
    assert len({str(name).lower() for name in names}) == len(names)


def test_a_process_of_its_own_is_one_on_every_system():
    assert OWN_GROUP is (os.name != "nt")
    assert bool(NEW_GROUP) is (os.name == "nt")
