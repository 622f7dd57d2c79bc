"""Permissions that bind root too, as long as tests need it."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

VERSION_3 = 0x20080522
DAC_OVERRIDE_AND_READ_SEARCH = 0b110
"""The capabilities by which root reads and writes what permissions bar."""


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable"))


@contextmanager
def binding() -> Iterator[None]:
    """Give up what sets root above permissions, and take it back at the end; see capset(2)."""
    if os.geteuid() != 0:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("root may do everything")
    library = ctypes.CDLL(None, use_errno=True)
    header, sets = _Header(VERSION_3, 0), (_Sets * 2)()
    if library.capget(ctypes.byref(header), sets) != 0:
        pytest.skip("root may do everything, and capabilities cannot be read")
    before = sets[0].effective
    sets[0].effective = before & ~DAC_OVERRIDE_AND_READ_SEARCH
    if library.capset(ctypes.byref(header), sets) != 0:
        pytest.skip("root may do everything, and cannot give it up")
    try:
        yield
    finally:
        sets[0].effective = before
        assert library.capset(ctypes.byref(header), sets) == 0
