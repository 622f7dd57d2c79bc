"""Arms beside each other: means over tasks, and paired differences, with intervals by resampling tasks."""

from collections.abc import Iterator
from functools import reduce
from operator import or_

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.benefits.cases import TUNING
from experiments.benefits.measured import ARMS, NOT_TRAINED, Setting
from experiments.intervals import columns_of, resampled
from neural_sculpting.scoring.rates import holm

DRAWS, SEED = 10_000, 0

MEASURES = {"epochs": -1, "unseen": 1, "kept": 1}
"""What arms are compared by, and the sign of what is better."""

SEPARATE = "6-2"
"""The shape whose outputs share nothing: modules forget nothing there, whatever they have learned."""

FAMILIES = (
    *(("dense", "narrow"), ("found", "found_rows", "sibling", "oracle"), ("random", "shuffled", "oracle_shuffled")),
    *(("edges", "ticket"), ("edges_random", "edges_shuffled")),
)
"""Arms with the same setting: else the same masks could be trained in other ways by chance."""

CONTRASTS = (
    *(("found", other) for other in ("shuffled", "random", "dense", "narrow")),
    *(("found_rows", other) for other in ("shuffled", "random", "dense", "as_sculpted")),
    *(("sibling", other) for other in ("shuffled", "random", "dense")),
    *(("oracle", other) for other in ("oracle_shuffled", "dense", "found")),
    *(("edges", other) for other in ("edges_shuffled", "edges_random", "dense")),
    *(("ticket", "edges"), ("narrow", "dense"), ("random", "dense")),
)

FloatArray = NDArray[np.float64]


def is_tuning(rows: pd.DataFrame) -> pd.Series:
    """Whether rows are those by which settings were chosen."""
    return rows["task_seed"].isin([*TUNING])


def chosen(rows: pd.DataFrame) -> dict[tuple[str, int], Setting]:
    """Choose the setting of each arm on the tuning tasks, by arm and whether all rows are learned.

    Arms of a family have the same. With all rows it is the one that learns in the fewest epochs, with fewer the one
    that is most accurate on unseen rows, on average over arms; of equals that with the lowest learning rate, and of
    these that with the least weight decay.
    """
    tuning = rows[is_tuning(rows) & rows["arm"].isin([*ARMS])]
    family = tuning["arm"].map({arm: number for number, family in enumerate(FAMILIES) for arm in family})
    found: dict[tuple[str, int], Setting] = {}
    for (number, whole), of in tuning.groupby([family, tuning["share"].eq(1)]):
        by_arm = of.groupby(["lr", "weight_decay", "arm"])["epochs" if whole else "unseen"].mean()
        means = by_arm.groupby(["lr", "weight_decay"]).mean()
        lr, decay = means.idxmin() if whole else means.idxmax()
        found |= {(arm, int(whole)): (float(lr), float(decay)) for arm in FAMILIES[int(number)] if arm in {*of["arm"]}}
    return found


def by_task(rows: pd.DataFrame) -> pd.DataFrame:
    """Average the networks of each task and arm, one line for each; ``unseen`` is averaged over shares first.

    ``epochs`` and ``learned`` are of networks that learn all rows. Epochs of networks that never do are the most that
    were trained, so that their mean is the restricted mean time. ``kept`` and ``later_epochs`` are of those that did.
    """
    key = ["shape", "task_seed", "arm"]
    whole, some = rows[rows["share"].eq(1)], rows[rows["share"].lt(1)]
    later = whole[whole["learned"].eq(1) & whole["shape"].ne(SEPARATE)].groupby(key)[["kept", "later_epochs"]].mean()
    found = whole.groupby(key)[["epochs", "learned"]].mean().join(later)
    unseen = some.groupby([*key, "share"])["unseen"].mean().groupby(key).mean()
    able = rows["missing"].eq(0).astype(float).where(rows["missing"].notna())
    about = rows.assign(able=able).groupby(key)[["edges", "right", "able"]].mean()
    return about.join(found).join(unseen).reset_index()


def arms(tasks: pd.DataFrame) -> pd.DataFrame:
    """Average tasks by arm, of all shapes and of each, with 95 % intervals of the measures."""
    plain = ["edges", "able", "right", "learned", "later_epochs"]
    lines = []
    for shape, of_shape in _by_shape(tasks):
        for arm in (*ARMS, *NOT_TRAINED):
            of = of_shape[of_shape["arm"] == arm]
            measured = [_with_interval(of[name], of["shape"], name) for name in MEASURES]
            lines.append({"shape": shape, "arm": arm, "tasks": len(of), **of[plain].mean(), **reduce(or_, measured)})
    return pd.DataFrame(lines)


def by_share(rows: pd.DataFrame) -> pd.DataFrame:
    """Average the accuracy on unseen rows, and the share of networks that learned theirs, by shape, arm and share."""
    key, plain = ["shape", "task_seed", "arm", "share"], ["learned", "epochs", "right"]
    tasks = rows.groupby(key)[[*plain, "unseen"]].mean().reset_index()
    lines = []
    for shape, of_shape in _by_shape(tasks):
        for (arm, share), of in of_shape.groupby(["arm", "share"]):
            line = {"shape": shape, "arm": arm, "share": share, "tasks": len(of), **of[plain].mean()}
            lines.append({**line, **_with_interval(of["unseen"], of["shape"], "unseen")})
    return pd.DataFrame(lines)


def _by_shape(tasks: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "all", tasks
    yield from ((str(shape), of) for shape, of in tasks.groupby("shape"))


def differences(tasks: pd.DataFrame) -> pd.DataFrame:
    """Compare arms in pairs on the same tasks: mean differences, their intervals, and tests by flipped signs.

    Where an arm is as good as its control, the sign of the difference of each task is arbitrary: ``p`` is the two-sided
    share of sign flips whose mean is as far from 0, ``p_corrected`` that by Holm for all tests of the table.
    """
    lines = []
    for one, other in CONTRASTS:
        for measure, better in MEASURES.items():
            values = tasks.pivot_table(index=["shape", "task_seed"], columns="arm", values=measure)
            if not {one, other} <= {*values}:
                continue
            pairs = (values[one] - values[other]).dropna()
            if other.endswith("shuffled"):  # which cannot compute the task there
                pairs = pairs.drop(SEPARATE, level="shape", errors="ignore")
            line = {"arm": one, "control": other, "measure": measure, "tasks": len(pairs)}
            line |= _with_interval(pairs, pairs.index.to_frame()["shape"], "difference")
            line |= {"better": int((better * pairs > 0).sum()), "worse": int((better * pairs < 0).sum())}
            lines.append({**line, "p": sign_flip(pairs.to_numpy())})
    table = pd.DataFrame(lines)
    return table.assign(p_corrected=holm(table["p"]))


def sign_flip(values: FloatArray) -> float:
    """Compute the two-sided p-value of a mean by random flips of signs, the observed ones among them (Fisher 1935)."""
    if not len(values):
        return 1.0
    signs = np.random.default_rng(SEED).choice((-1.0, 1.0), (DRAWS, len(values)))
    extreme = np.abs(signs @ values) >= abs(values.sum()) - 1e-9
    return float((1 + extreme.sum()) / (1 + DRAWS))


def _with_interval(values: pd.Series, shapes: pd.Series, name: str) -> dict[str, float]:
    """Average the values of tasks, with the interval of the mean by resampling the tasks of each shape."""
    known = values.notna().to_numpy()
    return columns_of(name, float(values.mean()), *resampled(values[known], DRAWS, SEED, shapes[known]))
