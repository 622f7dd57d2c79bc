"""Linear probes for the sub-functions that a task is known to have: they confirm, and cannot find."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis.readers import Reading
from neural_sculpting.methods.networks import DenseNetwork, DoesNotApply, FloatArray
from neural_sculpting.networks.streams import start_parameters
from neural_sculpting.tasks.bit_functions import Column, call_on_bits
from neural_sculpting.tasks.graph import Graph, SubFunction, pass_on

GRID = tuple({"margin": each} for each in (0.0, 0.02, 0.05, 0.1))

FOLDS = 4


def probes(network: DenseNetwork, *, margin: float = 0.02) -> Reading:
    """Confirm which sub-functions of the task the network has, by logistic regression on the units of a hidden layer.

    It is told the sub-functions, with their inputs, and who uses whom. One without outputs counts as present if some
    hidden layer decodes it so much better than any layer of the network as it was before training; else it is one
    module with those that use it. Outputs, which the network has learned, and groups of inputs on which nothing is
    computed are taken as present without a probe.

    Source: Alain & Bengio 2017, "Understanding intermediate layers using linear classifier probes"; untrained networks
    as controls as in Zhang & Bowman 2018, "Language modeling teaches you more than translation does".

    Args:
        network: the network.
        margin: by which accuracy, on examples that the probe was not fitted to and balanced over classes, must be above
            that with the untrained network.

    Raises:
        DoesNotApply: the values of the sub-functions are not known, or one of a bit is too rare.
    """
    graph, values = network.task.graph, _values(network)
    assert graph is not None
    start = replace(network, parameters=start_parameters([network.seed], network.layout)[0].numpy())
    hidden = {"trained": network.activations[1:-1], "untrained": start.activations[1:-1]}
    accuracies = {
        part.name: {name: [_accuracy(layer, values[part.name]) for layer in of] for name, of in hidden.items()}
        for part in graph.sub_functions
        if not part.outputs and part.function is not pass_on
    }
    absent = {name for name, each in accuracies.items() if max(each["trained"]) < max(each["untrained"]) + margin}
    parts = tuple(replace(part, shows_from=2 if part.name in absent else 1) for part in graph.sub_functions)
    found = Graph(parts, idle_inputs=graph.idle_inputs).hierarchy(hidden_layers=1)
    return Reading(found, {"told": "the sub-functions", "accuracies": accuracies, "absent": sorted(absent)})


def _values(network: DenseNetwork) -> dict[str, NDArray[np.bool_]]:
    """The bits of each sub-function in the rows of the network, ``(row, bit)``."""
    task, rows = network.task, network.rows.numpy()
    if task.graph is None or not task.inputs_are_bits or task.graph.n_inputs != task.n_inputs:
        raise DoesNotApply("the sub-functions are not known as functions of bits")
    bits, computed = rows > 0.5, dict[str, tuple[Column, ...]]()
    for part in task.graph.sub_functions:
        computed[part.name] = call_on_bits(part.function, [*_read(part, bits, computed)], part.name)
    return {name: np.stack(columns, axis=1) for name, columns in computed.items()}


def _read(part: SubFunction, bits: NDArray[np.bool_], computed: dict[str, tuple[Column, ...]]) -> Iterator[Column]:
    yield from (bits[:, index] for index in part.inputs)
    for name in part.uses:
        yield from computed[name]


def _accuracy(units: FloatArray, bits: NDArray[np.bool_]) -> float:
    """Balanced accuracy of probes on held-out examples, averaged over bits."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rarest = int(np.minimum(bits.sum(axis=0), (~bits).sum(axis=0)).min())
    if rarest < 2:
        raise DoesNotApply("a bit of a sub-function is the same in all examples but one")
    probe = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced"))
    folds = StratifiedKFold(min(FOLDS, rarest), shuffle=True, random_state=0)
    scores = [cross_val_score(probe, units, bit, cv=folds, scoring="balanced_accuracy") for bit in bits.T]
    return float(np.mean(scores))
