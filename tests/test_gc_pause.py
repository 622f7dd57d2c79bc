import gc

import pytest

from neural_sculpting.gc_pause import gc_paused


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_as_it_was_afterwards(on):
    assert gc.isenabled()
    try:
        if not on:
            gc.disable()
        with gc_paused():
            assert not gc.isenabled()
        assert gc.isenabled() == on
        with pytest.raises(ImportError), gc_paused():
            raise ImportError
        assert gc.isenabled() == on
    finally:
        gc.enable()
