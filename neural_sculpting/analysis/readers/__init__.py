"""Readers: from the sparse graph of a network, and where they ask for it its function, to a hierarchy with evidence.

Each is a function in a file of its own; :mod:`~neural_sculpting.analysis.readers.registry` finds them by name.
"""

from neural_sculpting.analysis.readers.base import Examples, Function, Reader, Reading, StageGraph

__all__ = ["Examples", "Function", "Reader", "Reading", "StageGraph"]
