"""The trigger trains what it was asked for, or nothing."""

import pytest

from flights.trigger import on_main


def test_a_checkout_of_another_commit_is_refused():
    with pytest.raises(ValueError, match="0000000"):
        on_main("0" * 40)
