"""Inputs that matter to outputs, and to how other inputs matter to them, by integrated gradients."""

import numpy as np
import torch
from torch import Tensor

from neural_sculpting.analysis.readers import Reading
from neural_sculpting.methods.hierarchies import of_interactions
from neural_sculpting.methods.networks import DenseNetwork, FloatArray
from neural_sculpting.methods.surrogates import check_few

GRID = tuple({"share": each} for each in (0.1, 0.2, 0.3, 0.4))

ROWS = 128
"""Examples that are explained, each against another one."""

STEPS = 16
"""Of the path from the one to the other."""


def integrated_gradients(network: DenseNetwork, *, share: float = 0.2) -> Reading:
    """Read inputs as one module that change each other's attributions to an output.

    The attribution of an input to an output is its integrated gradient from another example (Sundararajan, Taly & Yan
    2017, "Axiomatic attribution for deep networks", section 3), and two inputs interact as much as it changes if the
    other input has its value from there. That is what integrated Hessians measure (Janizek, Sturmfels & Lee 2021,
    "Explaining explanations: axiomatic feature interactions for deep networks"), by a difference: the second
    derivatives of ReLU networks are zero. Outputs that are bits are taken as probabilities; sizes are root mean squares
    over examples.

    Args:
        network: the network.
        share: of the largest attribution to an output, and of the largest interaction, below which there is none.

    Raises:
        DoesNotApply: there are more inputs than pairs of them can be asked about.
    """
    check_few(len(network.input_units))
    random = np.random.default_rng(network.seed)
    picked = torch.from_numpy(random.integers(len(network.rows), size=(2, ROWS)))
    rows, others = network.rows[picked[0]], network.rows[picked[1]]
    here = _attributions(network, rows, others)
    changes = []
    for members in network.input_units:
        swapped = rows.clone()
        swapped[:, list(members)] = others[:, list(members)]
        changes.append(_size(network, here - _attributions(network, swapped, others)))
    attribution, interaction = _size(network, here), np.stack(changes, axis=2)
    diagonal = np.arange(len(changes))
    interaction[:, diagonal, diagonal] = 0
    interaction = interaction + interaction.swapaxes(1, 2)
    interacts = interaction > share * interaction.max(axis=(1, 2), keepdims=True)
    interacts[:, diagonal, diagonal] = attribution > share * attribution.max(axis=1, keepdims=True)
    return Reading(of_interactions(interacts), {"attribution": attribution.tolist()})


def _attributions(network: DenseNetwork, rows: Tensor, others: Tensor) -> FloatArray:
    """Integrate gradients from the others, ``(output, row, input of the hierarchy)``."""
    shares = (torch.arange(STEPS) + 0.5) / STEPS
    path = (others + shares[:, None, None] * (rows - others)).flatten(0, 1).requires_grad_()
    outputs = network.outputs(path)
    found = []
    for output in range(outputs.shape[1]):
        [gradient] = torch.autograd.grad(outputs[:, output].sum(), path, retain_graph=True)
        found.append(gradient.view(STEPS, *rows.shape).mean(dim=0) * (rows - others))
    flat = torch.stack(found).double().numpy()
    return np.stack([flat[:, :, list(members)].sum(axis=2) for members in network.input_units], axis=2)


def _size(network: DenseNetwork, values: FloatArray) -> FloatArray:
    """Root mean square over examples, ``(output, row, input)`` → ``(output of the hierarchy, input)``."""
    squares = np.square(values).mean(axis=1)
    return np.sqrt([squares[list(members)].mean(axis=0) for members in network.output_units])
