"""A growing log gives each whole line once, whatever happens to its file."""

import pytest

from widgets.dashboard.growing import CHUNK, TAIL, GrowingFile


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.jsonl"


@pytest.fixture
def log(path):
    return GrowingFile(path)


def take(log):
    log.replaced()
    return [line for line in log.lines() if line]


def test_a_file_that_is_not_there_has_no_lines(log):
    assert not log.changed()
    assert take(log) == []


def test_each_line_is_given_once(log, path):
    path.write_bytes(b"one\ntwo\n")
    assert take(log) == [b"one", b"two"]
    assert not log.changed()
    with path.open("ab") as file:
        file.write(b"three\n")
    assert log.changed()
    assert take(log) == [b"three"]
    assert take(log) == []


def test_a_torn_line_is_waited_for(log, path):
    path.write_bytes(b"one\ntw")
    assert take(log) == [b"one"]
    with path.open("ab") as file:
        file.write(b"o\n")
    assert take(log) == [b"two"]


def test_a_torn_line_that_is_cut_off_is_forgotten(log, path):
    path.write_bytes(b"one\ntw")
    take(log)
    path.write_bytes(b"one\nthree\n")
    assert take(log) == [b"three"]


@pytest.mark.parametrize("text", [b"new\n", b"another\nfile\nthat is longer than before\n"])
def test_a_replaced_file_is_read_anew(log, path, text):
    path.write_bytes(b"one\ntwo\n")
    take(log)
    other = path.with_name("other")
    other.write_bytes(text)
    other.replace(path)
    assert log.replaced()
    assert list(filter(None, log.lines())) == text.splitlines()


def test_a_file_that_was_removed_is_noticed(log, path):
    path.write_bytes(b"one\n")
    take(log)
    path.unlink()
    assert log.changed()
    assert log.replaced()
    assert take(log) == []


def test_lines_across_many_chunks_stay_whole(log, path):
    wanted = [str(number).encode() * 9 for number in range(200_000)]
    path.write_bytes(b"\n".join(wanted) + b"\n")
    assert path.stat().st_size > 3 * CHUNK
    assert take(log) == wanted
    assert not log.replaced()


def test_a_line_without_an_end_does_not_fill_the_memory(log, path):
    path.write_bytes(b"x" * (3 * CHUNK) + b"\ngood\n")
    given = take(log)
    assert given[-1] == b"good"
    assert max(map(len, given)) <= CHUNK + TAIL
