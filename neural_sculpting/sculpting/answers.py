"""Answers that need no input: networks whose outputs are constant, and always answering the most frequent class."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import floor

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from neural_sculpting.networks.examples import Examples, Matrix
from neural_sculpting.networks.layout import Targets
from neural_sculpting.networks.state import TrialState
from neural_sculpting.tasks import Task
from neural_sculpting.training.losses import class_counts, classes_of, sizes_of
from neural_sculpting.training.metrics import Accuracy
from neural_sculpting.training.module import SculptingModule


def majority_accuracies(module: SculptingModule) -> dict[str, float]:
    """Compute the accuracies of always answering the most frequent class, as :func:`majority_accuracy`.

    Returns:
        ``majority_accuracy`` on the validation set, by the accuracy that decides, and ``majority_test_bit_accuracy``,
        ``majority_test_example_accuracy`` and ``majority_test_balanced_accuracy``, NaN where a network has none.
    """
    examples, accuracy = module.examples, module.settings.accuracy
    training = examples.training.targets
    test = dict.fromkeys((f"majority_test_{name}_accuracy" for name in ("bit", "example", "balanced")), torch.nan)
    if examples.test is not None:
        shares = [majority_accuracy(training, examples.test.targets, measure) for measure in accuracy.reported]
        test |= dict(zip(test, shares, strict=False))  # a regression has only the first
    return {"majority_accuracy": majority_accuracy(training, examples.validation.targets, accuracy), **test}


def majority_accuracy(training: Tensor, targets: Targets, measure: Accuracy) -> float:
    """Compute the accuracy of always answering the most frequent class of the training targets; in a regression, 0."""
    logits = torch.zeros_like(targets)
    if measure.by != "variance":
        frequent = class_counts(training, measure.one_hot).argmax(dim=1).tolist()
        groups = logits.split(sizes_of(targets.shape[1], measure.one_hot), dim=1)
        for group, of in zip(groups, frequent, strict=True):  # views
            group[:, of if group.shape[1] > 1 else 0] = 1 if group.shape[1] > 1 or of else -1
    return float(measure.share(measure.correct(logits[None], targets[None]), targets))


def constant_answers(module: SculptingModule, final: TrialState) -> Tensor:
    """Find what each network answers in all rows, ``(network, group)``: a class or a number; NaN where it varies."""
    accuracy, layout = module.settings.accuracy, module.layout
    device, found = module.examples.training.targets.device, []
    for stack in module.stacking.stacks(torch.arange(len(final))):
        parameters = final.accepted.parameters[stack.indices].to(device)
        lowest, highest = torch.full((1,), torch.inf, device=device), torch.full((1,), -torch.inf, device=device)
        for examples in _sets(module):
            for rows, _ in examples.chunks(len(parameters)):
                answers = layout.logits(parameters, rows)
                if accuracy.by != "variance":
                    answers = classes_of(answers, accuracy.one_hot, above=0).double()
                lowest = torch.minimum(lowest, answers.amin(dim=1))
                highest = torch.maximum(highest, answers.amax(dim=1))
        found.append(lowest.where(lowest == highest, torch.nan)[: stack.count].double().cpu())
    return torch.cat(found)


def longer_accuracies(module: SculptingModule, task: Task, final: TrialState) -> dict[str, NDArray[np.float64]]:
    """Compute the share of correct outputs of longer sequences, ``(network,)``; nothing where the task has none."""
    if task.longer is None or not module.layout.by_unit:
        return {}
    rows, targets = (torch.from_numpy(each) for each in (task.longer.inputs, task.longer.targets))
    examples, measure = Examples(targets, Matrix(rows)), replace(module.settings.accuracy, by="bits")
    [share], _ = module.measured(final.accepted, examples, measure)
    return {"longer_bit_accuracy": share.numpy()}


def describe_constants(module: SculptingModule, task: Task, final: TrialState) -> pd.DataFrame:
    """Describe the outputs of each network that are constant, a row for each network.

    Columns: ``constant_outputs``, such as ``always answers 0, as 98 % of the rows do``, or nothing; and
    ``is_constant``, whether that is all of its outputs. Where the hierarchy of the task is known, its networks are
    compared with that and nothing is described.
    """
    if task.graph is not None:
        return pd.DataFrame({"constant_outputs": [""] * len(final), "is_constant": False})
    answers = constant_answers(module, final)
    targets = torch.cat([examples.targets for examples in _sets(module)]).cpu()
    names = _group_names(task)
    lines = [
        [_described(task, names, targets, group, value) for group, value in enumerate(row)] for row in answers.tolist()
    ]
    return pd.DataFrame(
        {
            "constant_outputs": ["; ".join(filter(None, line)) for line in lines],
            "is_constant": (~answers.isnan()).all(dim=1).numpy(),
        }
    )


def _described(task: Task, names: Sequence[Sequence[str]], targets: Tensor, group: int, value: float) -> str:
    if value != value:
        return ""
    output, *classes = names[group]
    if task.loss == "squared_error":
        answer, share = "the same number", ""
    else:
        rows = classes_of(targets, task.one_hot, above=0.5)[:, group] == int(value)
        share = f"{floor(1000 * float(rows.double().mean())) / 10:g} % of the rows"
        answer = classes[int(value)] if classes else f"{value:g}"
    if len(names) == 1:
        if not classes and "=" in output:  # which says what 1 means
            answer += f" ({'not ' * (value == 0)}{output})"
        return f"always answers {answer}" + (f", as {share} do" if share else "")
    return f"{output} is always {answer}" + (f", as in {share}" if share else "")


def _group_names(task: Task) -> list[list[str]]:
    """The name of each output or group, followed by the names of its classes, if it is one."""
    outputs = list(task.flat_output_names) or [f"y{number}" for number in range(task.n_outputs)]
    names, start = [], 0
    for size in sizes_of(task.n_outputs, task.one_hot):
        group = outputs[start : start + size]
        column = group[0].rpartition("=")[0] or f"{group[0]} to {group[-1]}"
        names.append(group if size == 1 else [column, *(each.removeprefix(f"{column}=") for each in group)])
        start += size
    return names


def _sets(module: SculptingModule) -> Iterator[Examples]:
    sets = (module.examples.training, module.examples.validation, module.examples.test)
    yield from {id(each): each for each in sets if each is not None}.values()
