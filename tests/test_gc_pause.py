import gc

import pytest

from neural_sculpting.gc_pause import undisturbed


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_as_it_was_afterwards(on):
    assert gc.isenabled()
    try:
        if not on:
            gc.disable()
        with undisturbed():
            assert not gc.isenabled()
        assert gc.isenabled() == on
        with pytest.raises(ImportError), undisturbed():
            raise ImportError
        assert gc.isenabled() == on
    finally:
        gc.enable()
