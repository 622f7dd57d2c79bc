"""Factors of the activations of hidden units."""

import warnings

import numpy as np

from neural_sculpting.analysis.hierarchy import REMOVED
from neural_sculpting.analysis.readers import Reading
from neural_sculpting.methods.hierarchies import of_communities
from neural_sculpting.methods.links import IntArray
from neural_sculpting.methods.networks import DenseNetwork, FloatArray

GRID = tuple({"factors": each} for each in (2, 3, 4, 6))


def activation_factors(network: DenseNetwork, *, factors: int = 3) -> Reading:
    """Factorize the activations of hidden units, ``(example, unit)``, without negative numbers; factors are modules.

    A unit belongs to the factor in which it has most weight; one that is never active to none. An input or output joins
    the factor with whose units it has most weight, compared with what these have in all, as modularity counts it.
    Where activations may be negative, as in the stream of a transformer, a unit has a positive and a negative part.

    Source: Olah et al. 2018, "The building blocks of interpretability", who group neurons by non-negative matrix
    factorization (Lee & Seung 1999).
    """
    from sklearn.decomposition import NMF

    hidden = np.concatenate(network.activations[1:-1], axis=1)
    size = np.linalg.norm(hidden, axis=0)
    active = size > 0
    scaled = hidden[:, active] / size[active]
    parts = np.concatenate([scaled.clip(min=0), (-scaled).clip(min=0)], axis=1)
    model = NMF(min(factors, *parts.shape), init="nndsvda", random_state=network.seed, max_iter=500)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has not converged: its factors are used as they are
        model.fit(parts)
    loadings = np.hypot(*np.split(model.components_, 2, axis=1))
    labels = np.full(len(size), REMOVED)
    labels[active] = loadings.argmax(axis=0)
    stages = np.split(labels, np.cumsum(network.layout.layers[1:-1])[:-1])
    ends = _joined(network.weights[0], stages[0]), _joined(network.weights[-1].T, stages[-1])
    evidence = {"explained": 1 - float(model.reconstruction_err_**2 / (parts**2).sum())}
    return Reading(of_communities(network, [ends[0], *stages, ends[1]]), evidence)


def _joined(weights: FloatArray, labels: IntArray) -> IntArray:
    """Choose the factor of each row of weights, whose columns have labels, by the gain of modularity (Newman 2006)."""
    members = np.eye(int(labels.max()) + 1)[labels] * (labels != REMOVED)[:, None]
    found = weights @ members
    by_chance = found.sum(axis=1, keepdims=True) * found.sum(axis=0) / (found.sum() or 1.0)
    chosen: IntArray = (found - by_chance).argmax(axis=1)
    return chosen
