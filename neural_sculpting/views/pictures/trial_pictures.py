"""The pictures of a sweep: which trials get one, and what is in it."""

import json
import logging
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pandas as pd

from neural_sculpting.errors import UserError, on_one_line, writing
from neural_sculpting.files import atomic_write
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.store import settings_of
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.records.tables import best_first
from neural_sculpting.tasks.base import title_of
from neural_sculpting.views.pictures.drawing import draw_trial

log = logging.getLogger(__name__)

LONGEST_PART = 60
"""Characters of the name of a task and of its layers in the name of a file."""


def draw_pictures(sweep: Sweep, folder: Path) -> list[Path]:
    """Draw the trials that the configuration asks for, and delete the pictures of other trials.

    An error in drawing a trial is logged and costs only that picture.

    Returns:
        The SVG files; of trials with equal settings, the best trial's first.
    """
    paths = []
    for trial in _trials_to_draw(sweep):
        path = folder / f"{name_of(trial)}.svg"
        try:
            picture = picture_of(sweep.groups[trial["group"]], trial)
        except Exception as error:
            log.warning("job %s: no picture (%s: %s)", trial["job"], type(error).__name__, on_one_line(error))
            log.debug("drawing stopped with an error", exc_info=True)
            continue
        with writing(folder):
            folder.mkdir(exist_ok=True)
        atomic_write(path, partial(Path.write_text, data=picture, encoding="utf-8"), durable=False)
        paths.append(path)
    for path in folder.glob("[0-9]*_seed*.svg"):  # drawn when less was finished
        if path not in paths:
            path.unlink()
    return paths


def _trials_to_draw(sweep: Sweep) -> Iterator[pd.Series]:
    """Choose the best trial, all or none among those with equal settings, in however many groups; failed ones never."""
    configs = [group.config for group in sweep.groups]
    keys = [(config.pictures, json.dumps(settings_of(config))) for config in configs]
    trials = sweep.by_job[sweep.by_job["status"] != "failed"]
    for key in dict.fromkeys(keys):
        alike = [group for group, other in enumerate(keys) if other == key]
        ranked = best_first(trials[trials["group"].isin(alike)])
        wanted = {"best": ranked.head(1), "all": ranked, "none": ranked.head(0)}[key[0]]
        yield from (trial for _, trial in wanted.iterrows())


def name_of(trial: pd.Series) -> str:
    """Name the files of a trial, without characters that could lead to another folder."""
    job, seed = int(trial["job"]), int(trial["seed"])
    task, layers = (re.sub(r"[^\w.-]+", "-", str(trial[part])).strip(".-") for part in ("task", "layers"))
    return f"{job:04d}_{task[:LONGEST_PART]}_{layers[:LONGEST_PART]}_seed{seed}"


def picture_of(group: GroupRecord, trial: pd.Series, *, weights: bool | None = None) -> str:
    """Draw the sculpted network of one trial beside the hierarchy of its modules, as SVG.

    Edges show signs and sizes of weights if `weights` is true, or where it is None if the configuration asks for it.

    Raises:
        UserError: if the trial failed.
    """
    if trial["status"] == "failed":
        raise UserError(f"seed {trial['seed']}: no picture, as the trial failed ({trial['reason']})")
    network, shown = int(trial["network"]), group.config.picture_weights if weights is None else weights
    task = title_of(trial["task"], group.config.task.parameters, group.details)
    weights_left = [f"{trial['edges']:,} of {group.layout.edges:,} weights"] if group.layout.nodes else []
    facts = [trial["layers"], *weights_left, f"density {_percent(trial['density'])}", *_outcome(trial)]
    if group.image_shape and pd.notna(trial["input_agreement"]):
        facts.append(f"agreement of the inputs {trial['input_agreement']:.2f}")
    return draw_trial(
        group.masks_of(network),
        group.hierarchy_of(network),
        title=f"{task}, seed {trial['seed']}",
        subtitle=" · ".join(facts),
        image_shape=group.image_shape,
        labels=group.labels,
        weights=group.packed.weights_of(network) if shown else None,
        architecture=group.layout,
        patterns=group.patterns_of(network),
    )


def _outcome(trial: pd.Series) -> list[str]:
    """Describe how a trial ended; nothing if no hierarchy is expected."""
    if trial["status"] == "never_learned":
        return ["hierarchy: never learned"]
    return [] if pd.isna(trial["exact"]) else ["hierarchy: as expected" if trial["exact"] else "hierarchy: differs"]


def _percent(share: float) -> str:
    """Format a share; small ones with two decimals, as large networks keep a thousandth of their edges."""
    return f"{share:.1%}" if share >= 0.01 else f"{share:.2%}"
