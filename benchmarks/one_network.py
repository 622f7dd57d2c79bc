"""One network at a time, as PyTorch's parts are usually put together: what the engine is compared with on large tasks.

Pairs of images as float32 in a pickled file, data loaders with two worker processes, ``torch.nn`` layers whose masks
are applied by the hooks of ``torch.nn.utils.prune``, autograd, Adam, and one evaluation with a data loader an epoch.
"""

import copy
import pickle
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils import prune
from torch.utils.data import DataLoader, Dataset

from neural_sculpting.networks.examples import Examples, ExampleSets
from neural_sculpting.training.round import RoundSettings

WORKERS = 2
SETS = ("training", "validation", "test")


class PickledExamples(Dataset[tuple[Tensor, Tensor]]):
    """Examples from a pickled file.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            inputs, targets = pickle.load(file)
        self._inputs, self._targets = torch.from_numpy(inputs), torch.from_numpy(targets)

    def __len__(self) -> int:
        return len(self._targets)

    def __getitem__(self, row: int) -> tuple[Tensor, Tensor]:
        return self._inputs[row], self._targets[row]


def write_examples(examples: ExampleSets, folder: Path) -> None:
    """Write all pairs of the three sets as float32, one file for each."""
    for name in SETS:
        part: Examples = getattr(examples, name)
        rows = part.rows(torch.arange(len(part), device=part.targets.device))
        with (folder / f"{name}.pickle").open("wb") as file:
            pickle.dump((rows.cpu().numpy(), part.targets.cpu().numpy()), file, protocol=pickle.HIGHEST_PROTOCOL)


def read_examples(folder: Path) -> list[PickledExamples]:
    """Read the training, validation and test set that :func:`write_examples` wrote."""
    return [PickledExamples(folder / f"{name}.pickle") for name in SETS]


def train_one_network(
    examples: Sequence[PickledExamples], layers: Sequence[int], settings: RoundSettings, device: torch.device
) -> float:
    """Train one network for a round and keep its best epoch.

    Args:
        examples: training, validation and test set.
        layers: units of each layer.
        settings: of the round.
        device: where it is trained.

    Returns:
        The share of correct output bits of the best epoch on the test set.
    """
    training, validation, test = (
        DataLoader(part, settings.batch_size, shuffle=part is examples[0], num_workers=WORKERS) for part in examples
    )
    network, loss_of = _perceptron(layers).to(device), nn.BCELoss()
    optimizer = torch.optim.Adam(network.parameters(), lr=settings.lr, weight_decay=settings.weight_decay)
    best, reached = copy.deepcopy(network.state_dict()), (0.0, -torch.inf)
    for _ in range(settings.epochs):
        for rows, targets in training:
            optimizer.zero_grad()
            loss = loss_of(network(rows.to(device)), targets.to(device))
            loss.backward()
            optimizer.step()
        found = _evaluate(network, validation, device)
        if found >= reached:
            best, reached = copy.deepcopy(network.state_dict()), found
    network.load_state_dict(best)
    return _evaluate(network, test, device)[0]


def _perceptron(layers: Sequence[int]) -> nn.Sequential:
    """A dense perceptron; before each use its weights are multiplied by masks."""
    parts: list[nn.Module] = []
    for fan_in, fan_out in pairwise(layers):
        linear = nn.Linear(fan_in, fan_out)
        nn.init.kaiming_normal_(linear.weight)
        nn.init.zeros_(linear.bias)
        prune.custom_from_mask(linear, "weight", torch.ones_like(linear.weight))
        parts += [linear, nn.ReLU()]
    return nn.Sequential(*parts[:-1], nn.Sigmoid())


@torch.no_grad()
def _evaluate(
    network: nn.Module, loader: DataLoader[tuple[Tensor, Tensor]], device: torch.device
) -> tuple[float, float]:
    """The share of correct output bits, and the mean loss with its sign turned."""
    correct, losses, number = 0.0, 0.0, 0
    for rows, wanted in loader:
        targets = wanted.to(device)
        answers = network(rows.to(device))
        correct += float(((answers > 0.5) == (targets > 0.5)).sum())
        losses += float(nn.functional.binary_cross_entropy(answers, targets, reduction="sum"))
        number += targets.numel()
    return correct / number, -losses / number
