"""A disk without room: whatever is asked for ends with a message, and nothing half-made.

Where a small disk can be mounted it is a real one. Elsewhere the kernel may write files of no
byte, which fails at the same calls.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.conftest import Kernel, in_order
from tests.unit.exercise.conftest import Course
from widgets.base.errors import KitError
from widgets.base.paths import Layout
from widgets.exercise.definition import load_catalogue
from widgets.progress import Progress

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="neither small disks nor limits on files"),
]

EXERCISE = "1.1"
SIZE = "48m"


@dataclass(frozen=True)
class Disk:
    """The disk of a workspace; `fill` and `clear` are told the kernel that works on it."""

    layout: Layout
    fill: Callable[[Kernel], None]
    clear: Callable[[Kernel], None]


def files_below(folder: Path) -> dict[str, bytes]:
    """Return what lies in a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@contextmanager
def mounted(folder: Path):
    """Mount a small disk at `folder`, or yield False where that is not permitted."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "faults", str(folder)]
    try:
        done = subprocess.run(words, capture_output=True).returncode == 0
    except FileNotFoundError:
        done = False
    try:
        yield done
    finally:
        if done:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def disk(tmp_path):
    """Return a disk that can be filled: a real one where one may be mounted."""
    folder = tmp_path / "dïsk"
    filler = folder / "filler"

    def fill(kernel: Kernel) -> None:
        with suppress(OSError), filler.open("ab", buffering=0) as file:
            for size in (1_000_000, 4096, 1):
                with suppress(OSError):
                    while file.write(bytes(size)):
                        pass
        with pytest.raises(OSError, match="space"):
            (folder / "more").write_bytes(b"x" * 8192)
        (folder / "more").unlink()

    def limit(kernel: Kernel) -> None:
        kernel.do("limit 0")

    with mounted(folder) as real:
        if real:
            yield Disk(Layout(folder / "w"), fill, lambda kernel: filler.unlink())
        else:
            yield Disk(Layout(folder / "w"), limit, lambda kernel: kernel.do("limit -1"))


def mends(message: str) -> bool:
    """Return whether a message names what to do: look for room, or where."""
    return "room on the disk" in message or "MATURITY_WORKSPACE" in message


def test_nothing_is_half_made_and_with_room_again_all_goes_on(disk, fresh, new_kernel):
    layout = disk.layout
    shutil.copytree(fresh, layout.root)
    kernel = new_kernel(layout.root)
    kernel.do(f"check {EXERCISE}")
    kernel.do("answer")
    kernel.do("hint 1.1")
    mine = layout.project / load_catalogue().exercise(EXERCISE).files[0]
    mine.write_text("# mine\n", encoding="utf-8")
    before = files_below(layout.project)
    standing = kernel.do(f"standing {EXERCISE}")
    disk.fill(kernel)

    problem = kernel.refused(f"check {EXERCISE}")
    assert mends(problem), problem
    said = kernel.do("answer")
    assert "This answer counts, but it could not be kept" in said and mends(said)
    for verb in ("solve", "reset", "hint"):
        problem = kernel.refused(f"{verb} {EXERCISE}")
        assert mends(problem), problem
    problem = kernel.refused("nights 3")
    assert "room" in problem or "written" in problem, problem
    assert files_below(layout.project) == before
    assert kernel.do(f"standing {EXERCISE}") == standing

    disk.clear(kernel)
    progress = Progress(layout.progress)
    assert kernel.do("start") == []
    assert kernel.do("answer") == 2
    assert kernel.do("hint 1.1") == 2
    assert kernel.do(f"check {EXERCISE}")[0] is False
    assert kernel.do(f"solve {EXERCISE}") > 0
    assert kernel.do(f"check {EXERCISE}")[0] is True
    assert progress.attempts(EXERCISE) == 3
    assert kernel.do("nights 3") == "2013-03-04"
    assert not os.listdir(layout.kit / "before")  # noqa: PTH208
    in_order(layout)


def test_a_start_without_room_is_said_and_the_next_one_completes_it(disk, new_kernel):
    kernel = new_kernel(disk.layout.root)
    disk.layout.root.mkdir(parents=True)
    disk.fill(kernel)
    problem = kernel.refused("start")
    assert str(disk.layout.root) in problem and mends(problem), problem
    assert not [path for path, text in files_below(disk.layout.root).items() if not text]
    disk.clear(kernel)
    assert kernel.do("start") == []
    assert kernel.do(f"check {EXERCISE}")[0] is False
    assert (disk.layout.notebooks / "00_start_here.ipynb").exists()


def test_a_change_is_taken_back_without_room(tmp_path):
    """The files are replaced already when the disk is full: they are moved back."""
    import resource

    names = ("flights/one.py", "flights/two.py")
    course = Course(tmp_path / "kit", Layout(tmp_path / "a workspace é"))
    course.add("9.1", dict.fromkeys(names, "# the starter\n"))
    workspace = course.workspace()
    for name in names:
        course.mine(name, f"# mine: {name}\n")
    highest = resource.getrlimit(resource.RLIMIT_FSIZE)[1]

    def fill_the_disk() -> None:
        assert course.mine(names[0]).read_text() == "# the starter\n"
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, highest))
        with course.mine("full").open("w") as file:
            file.write("x")

    try:
        with pytest.raises(KitError, match="room on the disk"):
            workspace.reset(course.catalogue().exercise("9.1"), fill_the_disk)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (highest, highest))
    assert [course.mine(name).read_text() for name in names] == [f"# mine: {n}\n" for n in names]
    assert not os.listdir(course.layout.kit / "before")  # noqa: PTH208


def test_the_command_says_it_in_a_line(layout):
    """A real command, as typed: exit code 2, and no stack trace."""
    code = (
        "import resource, sys; "
        "limit = resource.getrlimit(resource.RLIMIT_FSIZE)[1]; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, limit)); "
        "from widgets.cli import main; sys.exit(main(['solve', '1.1']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"MATURITY_WORKSPACE": str(layout.root)},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and mends(done.stderr), done.stderr
