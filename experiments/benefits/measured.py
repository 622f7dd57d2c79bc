"""What is measured of the networks of a task: how soon they learn it, accuracy on unseen rows, what they forget."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from experiments.benefits import masks as made
from experiments.benefits.cases import WIDTH, Case, draw_case, name_of
from experiments.benefits.training import NEVER, Course, started, train
from neural_sculpting.networks.layout import Layout
from neural_sculpting.nulls.rewired import rewired
from neural_sculpting.tasks.examples import Table
from neural_sculpting.tasks.graph import row_numbers
from neural_sculpting.tasks.sampling import Sampling, content_of
from neural_sculpting.training.round import RoundSettings

ARMS = {
    "dense": "dense",
    "narrow": "dense, as few edges",
    "random": "modules found, rewired",
    "shuffled": "modules found, inputs shuffled",
    "found": "modules found, all rows",
    "found_rows": "modules found, same rows",
    "sibling": "modules of the sibling",
    "oracle": "modules of the truth",
    "oracle_shuffled": "modules of the truth, inputs shuffled",
    "edges": "edges found, all rows",
    "edges_random": "edges found, rewired",
    "edges_shuffled": "edges found, inputs shuffled",
    "ticket": "edges found, first weights",
}
NOT_TRAINED = {"as_sculpted": "sculpted on the same rows, not trained anew", "majority": "the more frequent bit"}
"""Beside them the networks behind ``found_rows``, as sculpting left them, and what an output is in most of the seen
rows, 0 in a tie."""

LATER = (0.01, 0.0)
"""Learning rate and weight decay, of all networks alike, while one output is learned anew: decay would erase others."""

EPOCHS = 500
FRESH = 10**6
"""Is added to seeds of initial weights: those of sculpted networks are not used again, but in ``ticket``."""

Setting = tuple[float, float]
"""Learning rate and weight decay."""


def rows_of(
    shape: Sequence[int],
    task_seed: int,
    seeds: Sequence[int],
    shares: Sequence[float],
    settings: Sequence[tuple[Setting, float | None, Sequence[str]]],
) -> pd.DataFrame:
    """Compute all networks of a task.

    Args:
        shape: of the task.
        task_seed: of the task.
        seeds: of networks, and of the rows that are drawn.
        shares: of the rows that are learned.
        settings: learning rate and weight decay, with the arms that have them, of all rows (1), of fewer (0) or of both
            (None); networks with the same settings are one batch.

    Returns:
        A row for each network.
    """
    case, sibling = draw_case(shape, task_seed)
    layers = (shape[0], *[WIDTH] * (len(shape) - 1), shape[-1])
    networks = pd.DataFrame(_networks(case, sibling, layers, seeds, shares))
    trained = networks["arm"].isin([*ARMS])
    found = [_majority(case, seeds, shares), networks[~trained].drop(columns=["masks", "weights"])]
    for setting, whole, arms in settings:
        chosen = networks["arm"].isin([*arms])
        if whole is not None:
            chosen &= networks["share"].eq(1) == bool(whole)
        if chosen.any():
            found.append(_measured(networks[chosen].reset_index(drop=True), case, sibling, Layout(layers), setting))
    return pd.concat(found).assign(shape=name_of(shape), task_seed=task_seed)


def _networks(
    case: Case, sibling: Case, layers: tuple[int, ...], seeds: Sequence[int], shares: Sequence[float]
) -> Iterator[dict[str, Any]]:
    """Yield the masks of each network, with the seed of its weights."""
    hidden, truth = layers[1:-1], made.oracle(case, layers)
    own, others = made.sculpt(case, hidden, seeds), made.sculpt(sibling, hidden, seeds)
    for seed, found, other in zip(seeds, own, others, strict=True):
        modules, edges = made.blocks(found), found.masks
        of_seed = {
            "dense": made.full(layers),
            "narrow": made.narrow(layers, made.count(modules)),
            "random": rewired(modules, seed),
            "shuffled": made.shuffled(modules, case, seed),
            "found": modules,
            "sibling": made.blocks(other),
            "oracle": truth,
            "oracle_shuffled": made.shuffled(truth, case, seed),
            "edges": edges,
            "edges_random": rewired(edges, seed),
            "edges_shuffled": made.shuffled(edges, case, seed),
            "ticket": edges,
        }
        right, unseen = {"found": found.right, "sibling": other.right}, dict[str, float]()
        for share in shares:
            some: dict[str, made.Masks] = {}
            if share < 1:
                [of_rows] = made.sculpt(case, hidden, [seed], share, seed)
                some = {"found_rows": made.blocks(of_rows), "as_sculpted": of_rows.masks}
                right |= dict.fromkeys(some, of_rows.right)
                unseen["as_sculpted"] = of_rows.unseen
            for arm, masks in {**of_seed, **some}.items():
                about = {
                    "edges": made.count(masks),
                    "missing": made.missing(masks, case),
                    "right": right.get(arm, np.nan),
                    "unseen": unseen.get(arm, np.nan),
                }
                weights = seed if arm == "ticket" else seed + FRESH
                yield {"arm": arm, "share": share, "seed": seed, "weights": weights, "masks": masks, **about}


def _measured(networks: pd.DataFrame, case: Case, sibling: Case, layout: Layout, setting: Setting) -> pd.DataFrame:
    edges = np.stack([np.concatenate([mask.ravel() for mask in masks]) for masks in networks.pop("masks")])
    parameters, masks = started(layout, edges, networks.pop("weights").tolist())
    rows, targets = map(torch.from_numpy, case.graph.truth_table())
    seen = [seen_rows(case, share, seed) for share, seed in networks[["share", "seed"]].itertuples(index=False)]
    counts = torch.from_numpy(np.stack(seen)).float()[:, :, None].repeat(1, 1, layout.outputs)
    course = train(layout, parameters, masks, rows, targets, counts, _training(setting))
    found = networks.assign(
        lr=setting[0],
        weight_decay=setting[1],
        epochs=_epochs(course),
        learned=(course.learned != NEVER).int().numpy(),
        seen=_share(course.correct, counts),
        unseen=_share(course.correct, 1 - counts),
    )
    whole = np.flatnonzero(networks["share"].eq(1))
    if not len(whole):
        return found
    # The last output turns into that of the sibling, the others are not trained any more.
    other = torch.from_numpy(sibling.graph.truth_table()[1])
    last = torch.zeros(len(whole), len(rows), layout.outputs)
    last[:, :, -1] = 1
    later = train(layout, course.parameters[whole], masks[whole], rows, other, last, _training(LATER))
    kept = (later.when_learned == (other > 0.5)) == (targets > 0.5)  # the bits given, by whether they were right
    after = {
        "kept_before": _share(course.correct[whole], 1 - last),
        "kept": _share(kept, 1 - last),
        "later_epochs": _epochs(later),
        "later_accuracy": _share(later.when_learned, last),
    }
    return found.join(pd.DataFrame(after, index=whole))


def _training(setting: Setting) -> RoundSettings:
    return RoundSettings(lr=setting[0], batch_size=64, epochs=EPOCHS, input_noise=0.0, weight_decay=setting[1])


def _epochs(course: Course) -> NDArray[np.int64]:
    """The epochs until it was learned, or all of them."""
    learned: NDArray[np.int64] = torch.where(course.learned == NEVER, EPOCHS, course.learned).numpy()
    return learned


def _share(correct: Tensor, counts: Tensor) -> NDArray[np.float64]:
    """The share of right bits among those that count, ``(network,)``; NaN where there are none."""
    shares: NDArray[np.float64] = ((correct * counts).sum(dim=(1, 2)).double() / counts.sum(dim=(1, 2))).numpy()
    return shares


def seen_rows(case: Case, share: float, seed: int) -> NDArray[np.bool_]:
    """Mark the rows of the truth table that are learned, ``(row,)``; those of a smaller share are among them."""
    if share == 1:
        return np.ones(2**case.graph.n_inputs, dtype=np.bool_)
    drawn = content_of(case.graph, Sampling(rows=share, rows_seed=seed)).training
    assert isinstance(drawn, Table)
    return np.isin(np.arange(2**case.graph.n_inputs), row_numbers(drawn.inputs > 0.5))


def _majority(case: Case, seeds: Sequence[int], shares: Sequence[float]) -> pd.DataFrame:
    rows, targets = [], case.graph.truth_table()[1] > 0.5
    for share in (each for each in shares if each < 1):
        for seed in seeds:
            seen = seen_rows(case, share, seed)
            unseen = (targets[~seen] == (targets[seen].mean(axis=0) > 0.5)).mean()
            rows.append({"arm": "majority", "share": share, "seed": seed, "unseen": unseen})
    return pd.DataFrame(rows)
