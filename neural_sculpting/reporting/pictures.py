"""Which trials of a group get a picture, and where it goes."""

from pathlib import Path

import pandas as pd

from neural_sculpting.analysis import analyse
from neural_sculpting.reporting.drawing import draw_trial
from neural_sculpting.reporting.records import GroupRecord
from neural_sculpting.tasks.base import title_of


def draw_group(group: GroupRecord, folder: Path) -> list[Path]:
    """Draw the trials that the configuration asks for: the best one, all, or none.

    Returns:
        The SVG files, the best trial's first.
    """
    ranked = best_first(group.answers[group.answers["status"] != "failed"])
    wanted = {"best": ranked.head(1), "all": ranked, "none": ranked.head(0)}[group.config.pictures]
    paths = []
    for _, trial in wanted.iterrows():
        path = folder / f"{trial['job']:04d}_{trial['task']}_{trial['layers']}_seed{trial['seed']}.svg"
        path.parent.mkdir(exist_ok=True)
        path.write_text(picture_of(group, trial), encoding="utf-8")
        paths.append(path)
    return paths


def best_first(trials: pd.DataFrame) -> pd.DataFrame:
    """Trials in the order of how well they went.

    Successes first, then those that learned, then those whose inputs are divided more as expected, then sparser ones.
    """
    keys = pd.DataFrame(
        {
            "failure": trials["exact"].eq(False).fillna(False),
            "unlearned": trials["status"] != "sculpted",
            "disagreement": 0.0 - trials["input_agreement"].fillna(0.0),
            "edges": trials["edges"],
            "job": trials["job"],
        }
    )
    return trials.loc[keys.sort_values(list(keys)).index]


def picture_of(group: GroupRecord, trial: pd.Series) -> str:
    """The sculpted network of one trial, layer by layer, beside the hierarchy of its modules, as SVG."""
    masks = group.masks_of(trial["network"])
    hierarchy = analyse(masks, **group.config.analysis.model_dump())
    task = title_of(trial["task"], group.config.task.parameters, group.details)
    facts = [trial["layers"], f"density {_percent(trial['density'])}", *_outcome(trial)]
    if group.image_shape and pd.notna(trial["input_agreement"]):
        facts.append(f"agreement of the inputs {trial['input_agreement']:.2f}")
    return draw_trial(
        masks,
        hierarchy,
        title=f"{task}, seed {trial['seed']}",
        subtitle=" · ".join(facts),
        image_shape=group.image_shape,
        labels=group.labels,
    )


def _outcome(trial: pd.Series) -> list[str]:
    """What came of a trial; nothing where no hierarchy is expected."""
    if trial["status"] == "never_learned":
        return ["hierarchy: never learned"]
    return [] if pd.isna(trial["exact"]) else ["hierarchy: as expected" if trial["exact"] else "hierarchy: differs"]


def _percent(share: float) -> str:
    """Two decimals where one would say little: large networks keep a thousandth of their edges."""
    return f"{share:.1%}" if share >= 0.01 else f"{share:.2%}"
