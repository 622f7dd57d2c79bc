"""Names for the arrays that flow through training and pruning.

The leading axis is ``network`` everywhere: one sculpting of one trial by one pair of steps. The ``parameter`` axis
holds all weights of a network, layer by layer, and then all its biases (see ``Layout``); ``edge`` is the part of it
that holds weights. ``unit`` counts the hidden units of all layers, ``element`` what a phase prunes: units or edges.
"""

from jaxtyping import Bool, Float, Int64
from torch import Tensor

Parameters = Float[Tensor, "network parameter"]
Masks = Bool[Tensor, "network parameter"]
Activations = Float[Tensor, "network row unit"]
Logits = Float[Tensor, "network row output"]
Scores = Float[Tensor, "network element"]
UnitScores = Float[Tensor, "network unit"]
EdgeScores = Float[Tensor, "network edge"]
Chosen = Bool[Tensor, "network element"]
ChosenUnits = Bool[Tensor, "network unit"]
ChosenEdges = Bool[Tensor, "network edge"]
Values = Float[Tensor, " network"]
Flags = Bool[Tensor, " network"]
Numbers = Int64[Tensor, " network"]
Inputs = Float[Tensor, "row input"]
Targets = Float[Tensor, "row output"]
Order = Int64[Tensor, "seed row"]
Noise = Float[Tensor, "seed row input"]
Orders = Int64[Tensor, "epoch seed row"]
Noises = Float[Tensor, "epoch seed row input"]
