"""Rows of a table of examples that are left to the slow tests."""

from typing import Any

import pytest


def slow(*values: Any, id: str | None = None) -> Any:
    """A row of ``pytest.mark.parametrize``; the fast tests try others of its kind."""
    return pytest.param(*values, marks=pytest.mark.slow, id=id)
