"""The summaries of trials of transformers and convolutional networks, by hand."""

import numpy as np
import pandas as pd
import pytest

from experiments.architectures.__main__ import TASKS, Architectures, by_task
from experiments.pruning_order.__main__ import PruningOrder, compared, settings


def test_shares_count_every_trial_and_medians_those_that_learned():
    study = Architectures()
    rows = pd.DataFrame({name: [np.nan] * 4 for name in study.columns}).astype(object)
    rows["task"], rows["seed"] = "streams_sep", range(4)
    rows["status"] = ["sculpted", "sculpted", "never_learned", "sculpted"]
    rows["edges"], rows["dense_edges"] = [20, 30, 999, 40], 4728
    rows["stray_path_share"] = [0.0, 0.03, 0.0, 0.2]
    rows["stray_unit_share"] = [0.0, 0.1, 0.0, 0.3]
    rows["rewired_unit_share"], rows["confirmed_relation"] = 0.5, [True, False, True, True]
    [line] = by_task(rows.infer_objects())
    assert (line["trials"], line["learned"], line["edges"]) == (4, 3, 30)
    assert (line["apart"], line["pure"], line["rewired_pure"]) == (0.5, 0.25, 0)
    assert line["confirmed_relation"] == 0.5
    assert line["stray_path_share"] == pytest.approx(0.03)
    assert set(study.sweeps) == set(TASKS)


def test_every_setting_is_a_sweep_and_edges_alone_have_one_allowance():
    assert len([*settings()]) == 2 * (2 * 2 * 2 + 2) == len(PruningOrder.sweeps)
    names = [name for name in PruningOrder.sweeps if "edges_only" in name]
    assert all(name.endswith("shared") for name in names)
    assert "pruning.edge.slack=0.01" in PruningOrder.sweeps["streams_hier-units_first-single-own"]
    assert "pruning.unit.slack=0.01" in PruningOrder.sweeps["streams_hier-edges_first-single-own"]


def test_a_trial_that_did_not_learn_is_not_apart():
    rows = pd.DataFrame(
        {
            **{"task": "streams_hier", "order": "edges_only", "grain": "single", "slack": "shared"},
            "status": ["sculpted", "sculpted", "lost"],
            "stray_unit_share": [0.0, 0.2, 0.0],
            "stray_path_share": [0.0, 0.0, 0.0],
            "edges": [20, 24, 9],
        }
    )
    [line] = compared(rows)
    assert (line["trials"], line["learned"], line["edges"]) == (3, 2, 22)
    assert line["apart"] == pytest.approx(1 / 3)
