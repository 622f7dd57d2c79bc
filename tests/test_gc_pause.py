import gc
import subprocess
import sys

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


@pytest.mark.parametrize(("for_good", "frozen"), [(False, 0), (True, 1)])
def test_what_was_imported_is_not_scanned_as_young(for_good, frozen):
    """In a process of its own: what is frozen stays so."""
    lines = (
        "import gc",
        "from neural_sculpting.gc_pause import gc_paused",
        f"with gc_paused(for_good={for_good}):",
        "    import decimal",
        "    made = [[] for _ in range(5000)]",
        "print(min(gc.get_freeze_count(), 1), any(each is made for each in gc.get_objects(0)))",
        f"with gc_paused(for_good={for_good}):",
        "    import decimal",
        "    made = [[] for _ in range(5000)]",
        "print(any(each is made for each in gc.get_objects(0)))",
    )
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(frozen), "False", "True"]
