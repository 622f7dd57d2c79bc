"""Other ways to uncover the structure of a task, beside sculpting: each is a function in a short file of its own.

Nothing else in the package knows of them. A method's first parameter says what it looks at, and decides its tier:

- ``task``: the examples alone, without a network;
- ``network``: a :class:`~neural_sculpting.methods.networks.DenseNetwork`, trained and not pruned;
- ``training``: a :class:`~neural_sculpting.methods.other_training.Training`, with which it trains in its own way;
- ``graph``: the sparse graph of a sculpted network: every reader is a method.

The first three give a :class:`~neural_sculpting.analysis.readers.Reading` or parameters of networks;
:mod:`~neural_sculpting.methods.registry` finds them by name, :mod:`~neural_sculpting.methods.comparison` scores them.
"""

from neural_sculpting.methods.networks import DenseNetwork, DoesNotApply

__all__ = ["DenseNetwork", "DoesNotApply"]
