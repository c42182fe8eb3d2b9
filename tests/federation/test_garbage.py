"""The cycle collector is held off, and always comes back as it was."""

import gc

import pytest

from supergraph.federation.garbage import collection_paused


def test_the_collector_is_off_in_the_block_and_on_again_after_it() -> None:
    with collection_paused():
        assert not gc.isenabled()
        with collection_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_error_ends_the_pause() -> None:
    with pytest.raises(ZeroDivisionError), collection_paused():
        print(1 / 0)
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with collection_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
