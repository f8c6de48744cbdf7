"""What limits the memory: the machine, its container, or the hub that has started it."""

import pytest

from widgets.base import memory
from widgets.base.memory import SMALL, is_small, memory_of_this_machine


@pytest.fixture(autouse=True)
def no_limit(monkeypatch, tmp_path):
    """A machine with 8 GB, and neither a container nor a hub with a limit."""
    monkeypatch.setattr(memory, "_unix", lambda: 8 * 10**9)
    monkeypatch.setattr(memory, "_windows", lambda: 8 * 10**9)
    monkeypatch.setattr(memory, "CONTAINER", tmp_path / "memory.max")
    monkeypatch.delenv(memory.HUB, raising=False)


def test_without_a_limit_it_is_the_machine():
    assert memory_of_this_machine() == 8 * 10**9
    assert not is_small()


@pytest.mark.parametrize("said", ["max\n", "", "9000000000000"])
def test_a_container_without_a_lower_limit_changes_nothing(said):
    memory.CONTAINER.write_text(said)
    assert memory_of_this_machine() == 8 * 10**9


def test_the_lowest_limit_counts(monkeypatch):
    memory.CONTAINER.write_text("3000000000\n")
    assert memory_of_this_machine() == 3 * 10**9
    monkeypatch.setenv(memory.HUB, "2147483648")  # as Binder says it
    assert memory_of_this_machine() == 2**31
    assert is_small()


@pytest.mark.parametrize("said", ["2G", "", "0", "-5"])
def test_what_a_hub_says_that_is_no_number_is_passed_over(monkeypatch, said):
    monkeypatch.setenv(memory.HUB, said)
    assert memory_of_this_machine() == 8 * 10**9


def test_where_nobody_knows_it_is_not_small(monkeypatch):
    monkeypatch.setattr(memory, "_unix", lambda: None)
    monkeypatch.setattr(memory, "_windows", lambda: None)
    assert memory_of_this_machine() is None and not is_small()
    assert SMALL > 2**31, "Binder's 2 GB are little"
