"""The collector rests while much is imported, and works again afterwards whatever happens."""

import gc

import pytest

from widgets.base.imports import large_imports


def test_the_collector_rests_and_works_again():
    with large_imports():
        assert not gc.isenabled()
    assert gc.isenabled() and gc.get_freeze_count() > 0


def test_an_import_that_fails_leaves_it_at_work():
    with pytest.raises(ImportError), large_imports():
        raise ImportError
    assert gc.isenabled()
