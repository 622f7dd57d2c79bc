"""Both readers of the same networks: what trials and answers find, stored, and which reader finds it more often."""

import json
from pathlib import Path

import pandas as pd

from experiments.study import RUN, run_of
from neural_sculpting.errors import UserError
from neural_sculpting.files import READINGS as FOLDER
from neural_sculpting.records.finished import list_groups
from neural_sculpting.records.group_files import read_about
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.scoring.rates import paired_differences, success_rates

READERS = ("paper", "confirmed")
READINGS, ANSWERS = "readings.csv.gz", "answers.csv"
"""A row for each trial and reader, and one for each cell and reader."""

CELL = ("task", "hidden_layers", "overlap", "uses")
"""The columns that distinguish cells; numbers of hidden layers that are pooled are a range such as ``1-3``."""

CRITERIA = ("exact", "relation", "refines")
TRIAL = ("task", "overlap", "uses", "hidden_layers", "layers", "seed")
COLUMNS = (*TRIAL, "reader", "engine", "status", "unit_step", "edge_step", "edges", *CRITERIA)
OF_ANSWERS = (
    *(*CELL, "reader", "trials", "learned", "agreement", "agreement_low", "agreement_high", *CRITERIA),
    *("null_rewired_rate", *(f"ceiling_{criterion}" for criterion in CRITERIA), "hierarchy"),
)
TYPES = {
    **dict.fromkeys(("overlap", "uses", "edges", "seed"), "Int64"),
    **dict.fromkeys((*CRITERIA, *(f"ceiling_{criterion}" for criterion in CRITERIA)), "boolean"),
}


def store_readings(sweep: Path, folder: Path) -> None:
    """Store what both readers found in a finished sweep, and how the networks were made.

    Raises:
        UserError: if the sweep has not been read by both.
    """
    homes = dict(zip(READERS, (sweep, sweep / FOLDER / "confirmed"), strict=True))
    if missing := [home for home in homes.values() if not (home / ANSWERS).exists()]:
        raise UserError(
            f"{missing[0]}: no {ANSWERS}; python -m neural_sculpting.read {sweep} analysis.reader=confirmed"
        )
    trials, answers = (
        pd.concat([pd.read_csv(home / name).assign(reader=reader) for reader, home in homes.items()])
        for name in ("trials.csv", ANSWERS)
    )
    trials = trials[trials["selection"] == answers["selection"].iloc[0]]
    opened = Sweep.open(sweep)
    pooled = [_depths(cell.trials["hidden_layers"]) for cell in opened.cells]
    answers = answers.assign(hidden_layers=pooled * len(READERS))
    rows = trials[[*COLUMNS]].sort_values([*TRIAL, "reader"])
    compression = {"method": "gzip", "mtime": 0}
    rows.to_csv(folder / READINGS, index=False, float_format="%.6g", compression=compression)
    answers[[*OF_ANSWERS]].to_csv(folder / ANSWERS, index=False, float_format="%.4g")
    run = json.loads((folder / RUN).read_text(encoding="utf-8"))
    about = [read_about(path) for path in list_groups(sweep)]
    run["readings"] = run_of(about, trials=len(rows) // len(READERS), networks=len(opened.networks))
    (folder / RUN).write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")


def _depths(hidden_layers: pd.Series) -> str:
    first, last = int(hidden_layers.min()), int(hidden_layers.max())
    return str(first) if first == last else f"{first}-{last}"


def read_readings(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Return the stored readings and answers of an experiment; None where there are none."""
    if not (folder / READINGS).exists():
        return None
    return _typed(pd.read_csv(folder / READINGS)), _typed(pd.read_csv(folder / ANSWERS, dtype={"hidden_layers": "str"}))


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.astype({name: TYPES[name] for name in TYPES if name in rows})


def readers_table(readings: pd.DataFrame) -> pd.DataFrame:
    """Compare the readers in each cell.

    Args:
        readings: the trials of a figure, a row for each reader.

    Returns:
        The columns of ``CELL``; ``trials``; for each reader and criterion ``<reader>_<criterion>`` with ``_low`` and
        ``_high`` of the 95 % Wilson interval; for each criterion what
        :func:`~neural_sculpting.scoring.rates.paired_differences` says of the confirmed reader against the paper's:
        ``<criterion>_gained``, ``_lost``, ``_p`` and ``_p_corrected``.
    """
    cell, trial = list(CELL), [*CELL, "layers", "seed"]
    one, other = (readings[readings["reader"] == reader].sort_values(trial) for reader in READERS)
    table = one.groupby(cell, dropna=False, sort=False).size().rename("trials").reset_index()
    for reader, trials in zip(READERS, (one, other), strict=True):
        rates = success_rates(trials, cell, CRITERIA)
        for criterion in CRITERIA:
            of = rates[rates["criterion"] == criterion]
            ends = {"": "rate", "_low": "low", "_high": "high"}
            table = table.assign(**{f"{reader}_{criterion}{end}": of[name].to_numpy() for end, name in ends.items()})
    for criterion in CRITERIA:
        pairs = one[cell].assign(paper=one[criterion].to_numpy(), confirmed=other[criterion].to_numpy())
        tested = paired_differences(pairs, cell, "confirmed", "paper")
        for name in ("gained", "lost", "p", "p_corrected"):
            table[f"{criterion}_{name}"] = tested[name].to_numpy()
    return table
