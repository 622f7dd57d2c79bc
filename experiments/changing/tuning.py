"""Two choices of how networks are reopened, on other tasks: ``python -m experiments.changing.tuning``."""

import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd

from experiments.changing.measured import rows_of
from experiments.changing.tasks import CHANGES, NOTHING
from neural_sculpting.networks import reopening
from neural_sculpting.sculpting import reopening as rounds

TUNING = range(4)
"""Seeds of tasks."""

FRESH, WITH_MASKS = (1.0, 0.3, 0.1), (1, 5)
FILE = Path(__file__).parent / "tuning.csv"


def lines() -> Iterator[dict[str, Any]]:
    """What the arm that reopens where outputs fell finds with each choice, and the rounds that it takes."""
    for fresh, with_masks in product(FRESH, WITH_MASKS):
        rows_of.cache_clear()
        with patch.object(reopening, "FRESH", fresh), patch.object(rounds, "WITH_MASKS", with_masks):
            changes = [change for change in CHANGES if change not in (*NOTHING, "merge")]
            tried = [row for seed in TUNING for change in changes for row in rows_of(seed, change, "fallen")]
        rows = pd.DataFrame([row for row in tried if row["status"] != "no_start"])
        yield {
            "fresh": fresh,
            "with_masks": with_masks,
            "trials": len(rows),
            **{name: rows[name].mean() for name in ("found", "found_in_masks", "rounds", "kept")},
        }


if __name__ == "__main__":
    found = pd.DataFrame(lines())
    found.to_csv(FILE, index=False, float_format="%.4g")
    print(found.to_string())
    sys.exit(0)
