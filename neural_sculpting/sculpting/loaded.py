"""The accuracy of a trained network as it was loaded, before any training here."""

import logging
from dataclasses import dataclass, replace
from functools import cache
from math import nan

import torch

from neural_sculpting.config.schemas import Config
from neural_sculpting.networks.architectures import architecture_of_trained
from neural_sculpting.networks.examples import ExampleSets
from neural_sculpting.pretrained import TrainedNetwork
from neural_sculpting.sculpting.answers import majority_accuracy
from neural_sculpting.sculpting.sculpt import round_settings, trained
from neural_sculpting.tasks import Task
from neural_sculpting.training.metrics import EvaluationSet

log = logging.getLogger(__name__)
_log_once = cache(log.log)

FAR_BELOW = 0.05
"""A network this far below the accuracy that pruning accepts was hardly trained on these examples."""

LITTLE = 0.4
"""Of the way from the majority's accuracy to 1. Iris has 0.35 without its standardization and 1 with it; good networks
for noisy data may be below it too, so the advice begins with "if"."""

MEASURES = {
    "bits": "of bits",
    "examples": "of examples",
    "balanced": "by balanced accuracy",
    "variance": "of the variance",
}

ENDS = "that its inputs and outputs are in the order of the task's, and its {} scaled or standardized like these"
UNKNOWN = (
    "A state dict contains neither the order in which layers are called nor what happens between them: check their "
    "order, and that there are no skip connections, activations other than ReLU, other pooling than MaxPool2d(2), or "
    "normalization"
)


@dataclass(frozen=True)
class LoadedAccuracy:
    """The accuracy of a network as loaded, on the validation examples of a task.

    Attributes:
        accuracy: as pruning measures it.
        example_accuracy: the share of examples that are right as a whole; NaN in a regression.
        text: the accuracy in words. Where outputs name classes, that of examples: softmax has no threshold.
        network: itself.
        advice: what to check if it is poor: clearly below what pruning accepts, or not far above what always giving the
            most frequent answer has; else empty.
    """

    accuracy: float
    example_accuracy: float
    text: str
    network: TrainedNetwork
    advice: str


@torch.no_grad()
def accuracy_as_loaded(task: Task, config: Config, network: TrainedNetwork) -> LoadedAccuracy:
    """Measure a trained network that fits a task, in one forward pass on the CPU."""
    settings, layout = round_settings(config, task), architecture_of_trained(network, task)
    sets = ExampleSets.of(task)
    examples = sets.validation
    parameters = trained([0], network, layout).current.parameters
    chosen = settings.accuracy
    examples_right = chosen if chosen.by == "variance" else replace(chosen, by="examples")
    measured, _ = EvaluationSet(examples, 1).measure(
        lambda rows: layout.logits(parameters, rows), settings.loss, chosen, examples_right
    )
    accuracies = [float(values) for values in measured]
    by_class = bool(task.one_hot) and chosen.by == "bits"
    decisive, accuracy = (examples_right, accuracies[1]) if by_class else (chosen, accuracies[0])
    majority = majority_accuracy(sets.training.targets, examples.targets, decisive)
    threshold = config.pruning.accuracy_threshold if decisive.by == settings.accuracy.by else None
    poor = not accuracy > majority + LITTLE * (1 - majority)
    poor |= threshold is not None and accuracy < threshold - FAR_BELOW
    constant = "mean" if decisive.by == "variance" else "most frequent answer"
    text = (
        f"accuracy as loaded {accuracy:,.1%} {MEASURES[decisive.by]}, on {len(examples):,} examples (always the "
        f"{constant}: {majority:.1%}" + (")" if threshold is None else f"; pruning accepts {threshold:.1%})")
    )
    example_accuracy = nan if decisive.by == "variance" else accuracies[1]
    return LoadedAccuracy(
        accuracies[0],
        example_accuracy,
        text,
        network,
        _advice(task, network) if poor and network.hierarchy is None else "",
    )


def report_accuracy_as_loaded(task: Task, config: Config, network: TrainedNetwork) -> LoadedAccuracy:
    """Measure a trained network and log the result, as a warning where it is poor; each line once in a process."""
    loaded = accuracy_as_loaded(task, config, network)
    line = f"{network.name}: {f'{network.note}; ' if network.note else ''}{loaded.text}"
    _log_once(*(logging.WARNING, f"{line}. {loaded.advice}") if loaded.advice else (logging.INFO, line))
    return loaded


def _advice(task: Task, network: TrainedNetwork) -> str:
    scaled = "inputs and outputs" if task.loss == "squared_error" else "inputs"
    checks = f"If it was better where it was trained, check {ENDS.format(scaled)}"
    return f"{checks}. {UNKNOWN}" if network.from_state_dict else checks
