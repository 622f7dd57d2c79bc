"""Faster imports of large libraries."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused(*, for_good: bool = False) -> Iterator[None]:
    """Pause the garbage collector during imports: scanning torch would take a quarter of their time.

    Afterwards, what exists counts as old: only full collections scan it. With ``for_good`` nothing scans it again, not
    even the collection with which a process ends. That is for programs: it would keep garbage of a user's process.
    """
    was_on, modules = gc.isenabled(), len(sys.modules)
    if for_good and gc.get_freeze_count():
        gc.collect()  # what a program has left behind since the first time
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > modules and (for_good or not gc.get_freeze_count()):
            gc.freeze()
            if not for_good:
                gc.unfreeze()  # which makes them old
        if was_on:
            gc.enable()
