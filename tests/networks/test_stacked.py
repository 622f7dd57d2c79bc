from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import get_type_hints

import pytest
import torch
from torch import Tensor

from neural_sculpting.networks.stacked import Stacked
from neural_sculpting.networks.state import TrialState


def distinct(record: type[Stacked], networks: int, counter: Iterator[int], path: str = "") -> Stacked:
    """A record whose tensors, at every depth, all differ; new fields are included."""
    values = {}
    for name, hint in get_type_hints(record).items():
        if isinstance(hint, type) and issubclass(hint, Stacked):
            values[name] = distinct(hint, networks, counter, f"{path}{name}.")
        else:
            values[name] = _tensor(hint, (networks, 5)[: len(hint.dims)], next(counter))
    return record(**values)


def _tensor(hint: type, shape: tuple[int, ...], number: int) -> Tensor:
    if "bool" in hint.dtypes:  # only two values, so each field has its own pattern
        return torch.randn(shape, generator=torch.Generator().manual_seed(number)) > 0
    values = torch.arange(torch.Size(shape).numel()).view(shape) + 1000 * (number + 1)
    return values if "int64" in hint.dtypes else values.double()


def leaves(record: Stacked, path: str = "") -> dict[str, Tensor]:
    found = {}
    for field in fields(record):
        value = getattr(record, field.name)
        found |= leaves(value, f"{path}{field.name}.") if isinstance(value, Stacked) else {path + field.name: value}
    return found


def state(networks: int = 6, start: int = 0) -> TrialState:
    return distinct(TrialState, networks, iter(range(start, start + 1000)))


def check_all(result: Stacked, expected: Callable[[str], Tensor]) -> None:
    for path, value in leaves(result).items():
        assert value.equal(expected(path)), path


def test_a_state_contains_networks_twice_and_a_schedule():
    paths = set(leaves(state()))
    assert len(paths) == 8 + 2 * 7 + 12
    assert {"ids", "current.parameters", "accepted.masks", "accepted.loss", "schedule.finished"} <= paths


@pytest.mark.parametrize(
    "indices", [torch.tensor([4, 1, 1, 0]), torch.tensor([True, False, False, True, True, False]), slice(2), slice(6)]
)
def test_take_touches_every_tensor(indices):
    original = state()
    before = leaves(original)
    check_all(original.take(indices), lambda path: before[path][indices])
    assert len(original.take(indices)) == len(before["ids"][indices])


def test_take_of_indices_copies():
    original = state()
    taken = original.take(torch.arange(6))
    taken.current.parameters.zero_()
    taken.schedule.step.zero_()
    assert original.current.parameters.all()
    assert original.schedule.step.all()


def test_where_and_put_choose_network_by_network_in_every_tensor():
    mine, theirs = state(start=0), state(start=500)
    chosen = torch.tensor([True, False, False, True, False, True])
    ours, others = leaves(mine), leaves(theirs)
    expected = {path: torch.stack([(ours if c else others)[path][i] for i, c in enumerate(chosen)]) for path in ours}
    check_all(mine.where(chosen, theirs), expected.__getitem__)
    theirs.put(chosen.nonzero().flatten(), mine.take(chosen))
    check_all(theirs, expected.__getitem__)


def test_concatenate_joins_every_tensor():
    records = [state(2, start=0), state(3, start=100), state(1, start=200)]
    all_leaves = [leaves(record) for record in records]
    check_all(TrialState.concatenate(records), lambda path: torch.cat([each[path] for each in all_leaves]))
    assert len(TrialState.concatenate(records)) == 6
    assert TrialState.concatenate(records[:1]) is records[0]


def test_to_moves_every_tensor():
    assert {value.device.type for value in leaves(state().to(torch.device("meta"))).values()} == {"meta"}


def test_a_new_field_leaves_the_batch_with_the_others():
    @dataclass
    class Larger(TrialState):
        novelty: Tensor

    shallow = {field.name: getattr(state(), field.name) for field in fields(TrialState)}
    larger = Larger(**shallow, novelty=torch.arange(6))
    assert larger.take(torch.tensor([5, 2])).novelty.tolist() == [5, 2]
    assert isinstance(larger.take(slice(1)), Larger)
