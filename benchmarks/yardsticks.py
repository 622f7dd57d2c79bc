"""What the engine is compared with: bare matrix products, and one network at a time in torch."""

import copy
import pickle
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy
from torch.nn.utils import prune
from torch.utils.data import DataLoader, Dataset

from neural_sculpting.networks.examples import ExampleSets
from neural_sculpting.training.round import RoundSettings

WORKERS = 2
"""Processes of each data loader of :func:`train_one_network`."""


class RoundOfProducts:
    """The matrix products of a round and nothing else, into preallocated results.

    Args:
        networks: number of stacked networks.
        layers: units of each layer.
        training: rows of all minibatches of the round.
        evaluation: rows that are evaluated at once, in the whole round.
        device: where they are computed.
    """

    def __init__(
        self,
        networks: int,
        layers: Sequence[int],
        training: Sequence[int],
        evaluation: Sequence[int],
        device: torch.device,
    ) -> None:
        self._training, self._evaluation = training, evaluation
        shapes = list(pairwise(layers))
        self._weights = [torch.randn(networks, *shape, device=device).div_(shape[0]) for shape in shapes]
        self._weight_gradients = [torch.empty_like(weight) for weight in self._weights]
        self._activations, self._gradients = (
            {
                rows: [torch.rand(networks, rows, units, device=device) for units in layers]
                for rows in {*training, *evaluation}
            }
            for _ in range(2)
        )
        forward = sum(fan_in * fan_out for fan_in, fan_out in shapes)
        of_training = 3 * forward - shapes[0][0] * shapes[0][1]
        self.operations = 2 * networks * (of_training * sum(training) + forward * sum(evaluation))
        """Additions and multiplications of :meth:`train` and :meth:`evaluate` together."""

    def train(self) -> None:
        """Compute the products of all minibatches, forward and backward."""
        for rows in self._training:
            self._forward(rows)
            activations, gradients = self._activations[rows], self._gradients[rows]
            for depth in reversed(range(len(self._weights))):
                torch.bmm(activations[depth].mT, gradients[depth + 1], out=self._weight_gradients[depth])
                if depth > 0:
                    torch.bmm(gradients[depth + 1], self._weights[depth].mT, out=gradients[depth])

    def evaluate(self) -> None:
        """Compute the forward products of all evaluations."""
        for rows in self._evaluation:
            self._forward(rows)

    def _forward(self, rows: int) -> None:
        for weight, (source, target) in zip(self._weights, pairwise(self._activations[rows]), strict=True):
            torch.bmm(source, weight, out=target)


class PickledExamples(Dataset[tuple[Tensor, Tensor]]):
    """Examples as float32 from a pickled file."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            inputs, targets = pickle.load(file)
        self._inputs, self._targets = torch.from_numpy(inputs), torch.from_numpy(targets)

    def __len__(self) -> int:
        return len(self._targets)

    def __getitem__(self, row: int) -> tuple[Tensor, Tensor]:
        return self._inputs[row], self._targets[row]


def pickle_examples(examples: ExampleSets, folder: Path) -> list[Path]:
    """Write the training, validation and test set to a file each."""
    paths = []
    for name in ("training", "validation", "test"):
        part = getattr(examples, name)
        rows = part.rows(torch.arange(len(part), device=part.targets.device))
        paths.append(folder / f"{name}.pickle")
        with paths[-1].open("wb") as file:
            pickle.dump((rows.cpu().numpy(), part.targets.cpu().numpy()), file, protocol=pickle.HIGHEST_PROTOCOL)
    return paths


def train_one_network(
    examples: Sequence[PickledExamples], layers: Sequence[int], settings: RoundSettings, device: torch.device
) -> float:
    """Train one network for a round in the usual way of PyTorch, and keep its best epoch.

    Data loaders with two worker processes, ``torch.nn`` layers whose masks are applied by the hooks of
    ``torch.nn.utils.prune``, autograd, Adam, and one evaluation with a data loader an epoch.

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
            loss_of(network(rows.to(device)), targets.to(device)).backward()
            optimizer.step()
        found = _evaluate(network, validation, device)
        if found >= reached:
            best, reached = copy.deepcopy(network.state_dict()), found
    network.load_state_dict(best)
    return _evaluate(network, test, device)[0]


def _perceptron(layers: Sequence[int]) -> nn.Sequential:
    """Make a dense perceptron whose weights are multiplied by masks before each use."""
    modules: list[nn.Module] = []
    for fan_in, fan_out in pairwise(layers):
        linear = nn.Linear(fan_in, fan_out)
        nn.init.kaiming_normal_(linear.weight)
        nn.init.zeros_(linear.bias)
        prune.custom_from_mask(linear, "weight", torch.ones_like(linear.weight))
        modules += [linear, nn.ReLU()]
    return nn.Sequential(*modules[:-1], nn.Sigmoid())


@torch.no_grad()
def _evaluate(
    network: nn.Module, loader: DataLoader[tuple[Tensor, Tensor]], device: torch.device
) -> tuple[float, float]:
    """Return the share of correct output bits, and the negative mean loss."""
    correct, losses, number = 0.0, 0.0, 0
    for rows, wanted in loader:
        targets = wanted.to(device)
        outputs = network(rows.to(device))
        correct += float(((outputs > 0.5) == (targets > 0.5)).sum())
        losses += float(binary_cross_entropy(outputs, targets, reduction="sum"))
        number += targets.numel()
    return correct / number, -losses / number
