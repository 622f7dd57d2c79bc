"""Sobol' indices of a sparse expansion in products of inputs."""

from itertools import combinations
from typing import Any

import numpy as np

from neural_sculpting.analysis.readers import Reading
from neural_sculpting.methods.hierarchies import of_interactions, of_units
from neural_sculpting.methods.networks import FloatArray
from neural_sculpting.methods.surrogates import few_inputs, is_sampled
from neural_sculpting.tasks import Task

GRID = tuple({"threshold": threshold} for threshold in (0.001, 0.005, 0.02, 0.05))

MOST_TERMS = 600
"""Products are taken of as many inputs as leave no more terms."""


def sobol(task: Task, *, threshold: float = 0.005) -> Reading:
    """Put inputs together whose superset importance (Liu & Owen 2006, equation 10) is large.

    That is the share of the variance of all terms that contain both inputs. The terms are products of standardized
    inputs, a basis of functions of bits: of a whole table exact, of others a sparse polynomial chaos expansion (Sudret
    2008) by the lasso.

    Args:
        task: its training rows.
        threshold: the share of the variance from which inputs interact, and outputs depend on one.
    """
    from sklearn.linear_model import LassoCV, LinearRegression  # takes a second
    from sklearn.model_selection import KFold

    inputs, targets = few_inputs(task)
    spread = inputs.std(axis=0)
    scaled = (inputs - inputs.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    terms = _terms(inputs.shape[1])
    products = np.stack([scaled[:, term].prod(axis=1) for term in terms], axis=1)
    contain = np.zeros((len(terms), inputs.shape[1]))
    for row, term in zip(contain, terms, strict=True):
        row[list(term)] = 1.0
    folds = KFold(4, shuffle=True, random_state=0)
    model = LassoCV(cv=folds, alphas=20, random_state=0) if is_sampled(task) else LinearRegression()
    interacts = [_shares(products, output, contain, model) for output in targets.T]
    return Reading(of_interactions(of_units(np.stack(interacts) > threshold, task)))


def _terms(inputs: int) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = []
    for size in range(1, inputs + 1):
        more = list(combinations(range(inputs), size))
        if len(found) + len(more) > MOST_TERMS:
            break
        found += more
    return found


def _shares(products: FloatArray, output: FloatArray, contain: FloatArray, model: Any) -> FloatArray:
    """The share of the variance of terms that contain each pair of inputs, and on the diagonal each input."""
    if output.std() == 0:
        return np.zeros((contain.shape[1], contain.shape[1]))
    squares = model.fit(products, output).coef_ ** 2 / output.var()
    return np.asarray((contain * squares[:, None]).T @ contain)
