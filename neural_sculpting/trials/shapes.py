"""Names for the arrays that flow through training and pruning.

The leading axis is ``network`` everywhere: one sculpting of one trial by one pair of steps. The ``parameter`` axis
holds all weights of a network, layer by layer, and then all its biases (see ``Layout``); ``edge`` is the part of it
that holds weights. ``unit`` counts the hidden units of all layers.
"""

from jaxtyping import Bool, Float, Int64
from torch import Tensor

Parameters = Float[Tensor, "network parameter"]
Masks = Bool[Tensor, "network parameter"]
Activations = Float[Tensor, "network row unit"]
UnitScores = Float[Tensor, "network unit"]
EdgeScores = Float[Tensor, "network edge"]
Chosen = Bool[Tensor, "network element"]
Values = Float[Tensor, " network"]
Flags = Bool[Tensor, " network"]
Numbers = Int64[Tensor, " network"]
Table = Float[Tensor, "row column"]
