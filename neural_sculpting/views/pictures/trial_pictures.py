"""Which trials of a group get a picture, and where it goes."""

import logging
import re
from pathlib import Path

import pandas as pd

from neural_sculpting.errors import UserError, on_one_line, writing
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.tables import best_first
from neural_sculpting.tasks.base import title_of
from neural_sculpting.views.pictures.drawing import draw_trial

log = logging.getLogger(__name__)

LONGEST_PART = 60
"""Characters of the name of a task and of its layers in the name of a file."""


def draw_group(group: GroupRecord, folder: Path) -> list[Path]:
    """Draw the trials that the configuration asks for: the best one, all, or none.

    Trials that failed get no picture. An error in drawing one costs only its own picture, and is logged.

    Returns:
        The SVG files, the best trial's first.
    """
    ranked = best_first(group.selected_trials[group.selected_trials["status"] != "failed"])
    wanted = {"best": ranked.head(1), "all": ranked, "none": ranked.head(0)}[group.config.pictures]
    paths = []
    for _, trial in wanted.iterrows():
        path = folder / f"{name_of(trial)}.svg"
        if (picture := _picture_or_none(group, trial)) is not None:
            with writing(path):
                path.parent.mkdir(exist_ok=True)
                path.write_text(picture, encoding="utf-8")
            paths.append(path)
    return paths


def _picture_or_none(group: GroupRecord, trial: pd.Series) -> str | None:
    try:
        return picture_of(group, trial)
    except Exception as error:
        log.warning("job %s: no picture (%s: %s)", trial["job"], type(error).__name__, on_one_line(error))
        log.debug("drawing stopped with an error", exc_info=True)
        return None


def name_of(trial: pd.Series) -> str:
    """Return the file name of a trial: whatever its task is called, it leads to no other folder."""
    job, seed = int(trial["job"]), int(trial["seed"])
    task, layers = (re.sub(r"[^\w.-]+", "-", str(trial[part])).strip(".-") for part in ("task", "layers"))
    return f"{job:04d}_{task[:LONGEST_PART]}_{layers[:LONGEST_PART]}_seed{seed}"


def picture_of(group: GroupRecord, trial: pd.Series) -> str:
    """Draw the sculpted network of one trial beside the hierarchy of its modules, as SVG.

    Raises:
        UserError: if the trial failed.
    """
    if trial["status"] == "failed":
        raise UserError(f"seed {trial['seed']}: no picture, as the trial failed ({trial['reason']})")
    network = int(trial["network"])
    task = title_of(trial["task"], group.config.task.parameters, group.details)
    facts = [trial["layers"], f"density {_percent(trial['density'])}", *_outcome(trial)]
    if group.image_shape and pd.notna(trial["input_agreement"]):
        facts.append(f"agreement of the inputs {trial['input_agreement']:.2f}")
    return draw_trial(
        group.masks_of(network),
        group.hierarchy_of(network),
        title=f"{task}, seed {trial['seed']}",
        subtitle=" · ".join(facts),
        image_shape=group.image_shape,
        labels=group.labels,
    )


def _outcome(trial: pd.Series) -> list[str]:
    """Say how a trial ended; nothing where no hierarchy is expected."""
    if trial["status"] == "never_learned":
        return ["hierarchy: never learned"]
    return [] if pd.isna(trial["exact"]) else ["hierarchy: as expected" if trial["exact"] else "hierarchy: differs"]


def _percent(share: float) -> str:
    """Write a share with two decimals where it is small: large networks keep a thousandth of their edges."""
    return f"{share:.1%}" if share >= 0.01 else f"{share:.2%}"
