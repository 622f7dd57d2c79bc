"""Networks have learned measured data if they are better than chance on rows that they did not learn from."""

from dataclasses import replace

import pandas as pd
import pytest

from neural_sculpting.records.majority import have_learned
from neural_sculpting.records.sweep import Sweep

SETS = (300, 100, 100)


def asked(group, accuracies, constant):
    return have_learned(
        pd.DataFrame({"status": "sculpted", "accuracy": accuracies, "majority_accuracy": constant}), group
    ).tolist()


@pytest.mark.parametrize(
    ("changes", "constant", "too_low", "enough"),
    [
        ({}, 0.6, 0.68, 0.69),  # 0.6 + 1.645 √(0.6 · 0.4 / 100) = 0.6806
        ({"set_sizes": (300, 25, 25)}, 0.6, 0.76, 0.77),  # 0.6 + 2 · 0.0806 = 0.7612
        ({"one_hot": (3,)}, 0.49, 0.74, 0.75),  # no class is right in two bits of three: 0.6667 + 0.0775 = 0.7442
        ({"one_hot": (3,)}, 0.8, 0.86, 0.87),  # one class is frequent: 0.8 + 0.0658
        ({"outputs_are_bits": False}, 0.0, 0.027, 0.028),  # 1.645² / 100 = 0.02706
    ],
)
def test_the_accuracy_that_is_asked_by_hand(record, changes, constant, too_low, enough):
    assert asked(replace(record, **{"set_sizes": SETS, **changes}), [too_low, enough], constant) == [False, True]


def test_where_all_rows_are_learned_the_status_alone_counts(record):
    assert len(record.set_sizes) == 1
    assert asked(record, [0.5, 1.0], 0.5) == [True, True]
    networks = pd.DataFrame({"status": ["never_learned", "sculpted", "lost", "constant"]})
    assert have_learned(networks, replace(record, set_sizes=SETS)).tolist() == [False, True, False, False]


def test_without_a_better_trial_there_is_no_answer(record):
    poor = {"accuracy": 0.55, "majority_accuracy": 0.5}
    networks, trials = (each.assign(**poor) for each in (record.networks, record.trials))
    group = replace(record, set_sizes=SETS, networks=networks, trials=trials)
    [cell] = Sweep((group,)).cells
    assert (cell.answer, cell.nulls) == (None, None)
    [row] = cell.sweep.answers.to_dict("records")
    assert (row["learned"], row["hierarchy"]) == (0, "")
