"""The pruning history of each network, attempt by attempt."""

from dataclasses import dataclass

import torch

from neural_sculpting.networks.layout import Flags, Numbers, Values
from neural_sculpting.networks.network import TEST_ACCURACIES
from neural_sculpting.networks.stacked import Stacked
from neural_sculpting.pruning import schedule as schedules
from neural_sculpting.training.module import SculptingModule


@dataclass
class Attempts(Stacked):
    """Rows of the pruning history: the outcome of one attempt for each network."""

    ids: Numbers
    seeds: Numbers
    unit_step: Values
    edge_step: Values
    attempt: Numbers
    target: Values
    accuracy: Values
    loss: Values
    test_bit_accuracy: Values
    test_example_accuracy: Values
    test_balanced_accuracy: Values
    accepted: Flags
    units: Numbers
    edges: Numbers


def attempts_of(module: SculptingModule, accepted: Flags) -> Attempts:
    """Record the attempt that was just trained, before networks fork by step; NaN where it gave no finite numbers."""
    state, current = module.state, module.state.current
    evaluated = current.loss.isfinite()
    return Attempts(
        ids=state.ids,
        seeds=state.seeds,
        unit_step=state.unit_step,
        edge_step=state.edge_step,
        attempt=torch.full_like(state.ids, module.attempt),
        target=state.schedule.base if module.attempt == 0 else schedules.target(state.schedule),
        accuracy=current.accuracy.where(evaluated, torch.nan),
        loss=current.loss.where(evaluated, torch.nan),
        **{name: getattr(current, name) for name in TEST_ACCURACIES},
        accepted=accepted,
        units=current.kept_units(module.layout),
        edges=current.kept_edges(module.layout),
    ).to(torch.device("cpu"))
