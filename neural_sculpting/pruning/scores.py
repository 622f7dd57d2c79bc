"""Which elements matter: one score for each hidden unit, or for each edge, of each network.

A criterion is a function of :class:`Ranked`. A custom one needs no registration: give its import path as
``pruning.unit.criterion`` or ``pruning.edge.criterion``.

Example:
    In ``my_criteria.py``, used by ``pruning.unit.criterion=my_criteria.activity``. Pruned elements must score lowest,
    as here, where a unit without edges has no activation::

        import torch
        from neural_sculpting.networks.network import forward

        def activity(ranked):
            total = 0
            for rows, targets in ranked.chunks():
                hidden = forward(ranked.networks.parameters, ranked.layout, rows)[:-1]
                total = total + torch.cat([layer.sum(dim=1) for layer in hidden], dim=1)
            return total / len(ranked.examples)
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module

import torch
from torch import Tensor

from neural_sculpting.errors import UserError
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.examples import Examples
from neural_sculpting.networks.layout import Activations, ChosenEdges, EdgeScores, Logits, Numbers, Scores, UnitScores
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.streams import stream
from neural_sculpting.training.losses import CrossEntropy, Loss
from neural_sculpting.user_code import user_code


@dataclass(frozen=True)
class Ranked:
    """The input of a criterion.

    Attributes:
        networks: the last accepted networks.
        layout: their shape.
        examples: the training examples, clean.
        seeds: the seed of each network, ``(network,)``.
        attempt: the number of the attempt in its phase.
        loss: what the networks minimize.
    """

    networks: Networks
    layout: Architecture
    examples: Examples
    seeds: Numbers
    attempt: int
    loss: Loss = field(default_factory=CrossEntropy)

    def chunks(self) -> Iterator[tuple[Activations, Logits]]:
        """Iterate over the examples, some rows at a time: ``(network, row, input)`` and ``(network, row, output)``."""
        return self.examples.chunks(len(self.networks))

    @property
    def edge_masks(self) -> ChosenEdges:
        """The edges that remain, ``(network, edge)``."""
        return self.networks.masks[:, : self.layout.edges]


Criterion = Callable[[Ranked], Tensor]


def loss_sensitivity(ranked: Ranked) -> UnitScores:
    """Average |activation · ∂loss/∂activation| over the rows, with the loss of each row alone.

    Reference: Patil et al. 2023, section 3 (unit pruning).
    """
    # The gradient of the sum over rows is that of each row's own loss: no activation enters another row's.
    parameters, layout = ranked.networks.parameters, ranked.layout
    total = torch.zeros(len(parameters), layout.hidden_units, dtype=parameters.dtype, device=parameters.device)
    for rows, targets in ranked.chunks():
        loss = partial(_summed, loss=ranked.loss, targets=targets)
        total += layout.sensitivity(parameters, rows, loss)
    return total / len(ranked.examples)


def _summed(logits: Tensor, loss: Loss, targets: Logits) -> Tensor:
    return loss.summed(logits, targets) * logits.shape[1]


def unit_magnitude(ranked: Ranked) -> UnitScores:
    """Compute the Euclidean norm of the incoming weights, a baseline."""
    return ranked.layout.incoming_norm(ranked.networks.parameters)


def edge_magnitude(ranked: Ranked) -> EdgeScores:
    """Compute |weight|; pruned edges score zero."""
    return ranked.networks.parameters[:, : ranked.layout.edges].abs()


def relative_magnitude(ranked: Ranked) -> EdgeScores:
    """Compute |weight| over the root mean square of the remaining weights of its matrix; pruned edges score zero."""
    sizes, start, relative = edge_magnitude(ranked), 0, []
    for fan_in, fan_out in ranked.layout.shapes:
        matrix = slice(start, start + fan_in * fan_out)
        left = ranked.edge_masks[:, matrix].sum(dim=1, keepdim=True).clamp(min=1)
        scale = (sizes[:, matrix].square().sum(dim=1, keepdim=True) / left).sqrt()
        relative.append(sizes[:, matrix] / scale.where(scale > 0, 1.0))
        start = matrix.stop
    return torch.cat(relative, dim=1)


def weight_gradient(ranked: Ranked) -> EdgeScores:
    """Compute |weight · ∂loss/∂weight| of the mean loss; pruned edges score zero.

    Reference: Lee, Ajanthan and Torr, "SNIP: Single-shot network pruning based on connection sensitivity", ICLR 2019.
    """
    parameters = ranked.networks.parameters.detach().requires_grad_()
    total = torch.zeros_like(parameters)
    for rows, targets in ranked.chunks():
        loss = _summed(ranked.layout.logits(parameters, rows), ranked.loss, targets)
        total += torch.autograd.grad(loss, parameters)[0]
    return (parameters * total / len(ranked.examples)).detach()[:, : ranked.layout.edges].abs()


def random_units(ranked: Ranked) -> UnitScores:
    """Rank the remaining units at random, from the stream of each seed, as a control; pruned units score zero."""
    alive = ranked.layout.incoming_norm(ranked.networks.masks.float()) > 0
    return _random(ranked, "unit_scores", ranked.layout.hidden_units) * alive


def random_edges(ranked: Ranked) -> EdgeScores:
    """Rank the remaining edges at random, from the stream of each seed, as a control; pruned edges score zero."""
    return _random(ranked, "edge_scores", ranked.layout.edges) * ranked.edge_masks


def _random(ranked: Ranked, purpose: str, elements: int) -> Tensor:
    drawn = {
        seed: 1 - torch.from_numpy(stream(seed, purpose, ranked.attempt).random(elements))  # (0, 1]: above pruned ones
        for seed in ranked.seeds.unique().tolist()
    }
    return torch.stack([drawn[seed] for seed in ranked.seeds.tolist()]).to(ranked.seeds.device)


UNIT_CRITERIA: dict[str, Criterion] = {
    "loss_sensitivity": loss_sensitivity,
    "magnitude": unit_magnitude,
    "random": random_units,
}
EDGE_CRITERIA: dict[str, Criterion] = {
    "magnitude": edge_magnitude,
    "relative_magnitude": relative_magnitude,
    "weight_gradient": weight_gradient,
    "random": random_edges,
}


def name_of(criterion: Criterion) -> str:
    """Return the name of a criterion in messages."""
    return getattr(criterion, "__name__", str(criterion))


def scores_of(criterion: Criterion, ranked: Ranked, elements: int, key: str) -> Scores:
    """Score the elements of each network; some scores may not be finite.

    Raises:
        UserError: naming the key of the configuration, if a custom criterion fails, or there is not one score for each
            element of each network.
    """
    is_shipped = criterion in (*UNIT_CRITERIA.values(), *EDGE_CRITERIA.values())
    with torch.enable_grad(), nullcontext() if is_shipped else user_code(f"{key}: {name_of(criterion)}"):
        scores: object = criterion(ranked)
    expected = (len(ranked.networks), elements)
    if not isinstance(scores, Tensor) or scores.shape != expected:
        found = tuple(scores.shape) if isinstance(scores, Tensor) else type(scores).__name__
        raise UserError(f"{key}: {name_of(criterion)} returned {found}; must be a tensor of {expected}")
    return scores


def find_criterion(name: str, known: dict[str, Criterion]) -> Criterion:
    """Look up a known criterion, or import one from a path such as ``my_package.my_module.function``."""
    if name in known:
        return known[name]
    module, _, function = name.rpartition(".")
    criterion: Criterion = getattr(import_module(module), function)
    return criterion
