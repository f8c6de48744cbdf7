"""A workspace that may only be read: what can be shown is shown, and the rest says what to do."""

import sys

import pytest

from tests.faults.test_no_room import files_below

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="folders know no such mode there"),
]


@pytest.fixture
def read_only(begun, new_kernel):
    """Return a kernel that may not write to the workspace in which it has worked."""
    layout, first = begun, new_kernel()
    first.do("answer")
    first.do("check 1.1")
    first.process.communicate()  # it clears away its spare worker
    folders = [layout.root, *(path for path in layout.root.rglob("*") if path.is_dir())]
    for path in [*folders, *(path for path in layout.root.rglob("*") if path.is_file())]:
        path.chmod(path.stat().st_mode & ~0o222)
    kernel = new_kernel()
    kernel.do("obey")
    yield kernel
    for path in folders:
        path.chmod(0o755)


def test_a_read_only_workspace_is_told_and_stays_as_it_is(layout, read_only):
    before = files_below(layout.root)
    assert read_only.do("standing 1.1") == "not yet"
    for line in ("check 1.1", "solve 1.1", "reset 1.1", "hint 1.1", "start"):
        problem = read_only.refused(line)
        assert str(layout.root) in problem, problem
        assert "writable" in problem or "MATURITY_WORKSPACE" in problem, problem
    said = read_only.do("answer")
    assert "could not be kept" in said and str(layout.root) in said
    assert "folder" in read_only.refused("nights 3")
    assert files_below(layout.root) == before
