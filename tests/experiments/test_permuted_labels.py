import json
from dataclasses import replace

import pandas as pd

from experiments.permuted_labels.__main__ import NAMES, PermutedLabels, overrides, write_tables
from neural_sculpting.analysis import graph_to_json
from neural_sculpting.config.composing import compose
from neural_sculpting.config.schemas import TaskConfig
from neural_sculpting.tasks import build_task

LINE = ["trials", "sculpted", "sculpted_divided", "learned", "learned_divided", "answers", "answers_divided"]


def rows_of(labels, *found, table="iris"):
    """Rows of trials and answers: the status, whether it is better than chance, and whether it divides the inputs."""
    rows = pd.DataFrame(found, columns=["status", "learned", "divided"])
    return rows.assign(table=table, labels=labels).astype({"divided": "boolean"})


def test_claims_by_hand():
    chance = [("sculpted", False, True), ("constant", False, None), ("sculpted", False, False)]
    permuted = [*chance, ("sculpted", True, True), ("answer", False, True)]
    rows = pd.concat([rows_of("permuted", *permuted), rows_of("measured", ("sculpted", True, True))])
    table = PermutedLabels().tables(rows)["permuted_labels"].set_index(["labels", "table"])
    assert table.loc[("permuted", "iris"), LINE].tolist() == [4, 3, 2, 1, 1, 1, 1]
    assert table.loc[("measured", "all"), LINE].tolist() == [1, 1, 1, 1, 1, 0, 0]
    assert table.loc[("permuted", "wine"), LINE].tolist() == [0] * 7
    text = " ".join("\n".join(PermutedLabels().sections(rows, {"permuted_labels": table.reset_index()})).split())
    assert "| iris | permuted | 4 | 3 | 0.667 (0.208–0.939) | 1 | 1.000 (0.207–1.000) | 1 |" in text
    assert "| wine | permuted | 0 | 0 | – | 0 | – | 0 | – |" in text


def test_rows_have_both_kinds_of_labels(record):
    module = json.dumps(graph_to_json(record.graphs[0]))
    nulls = pd.DataFrame(
        {"permutation": [0, 0], "seed": pd.array([5, None], "Int64"), "status": ["constant", "answer"]}
    )
    nulls = nulls.assign(accuracy=0.5, majority_accuracy=0.5, hierarchy=["", module])
    task = TaskConfig.model_validate({**record.config.task.model_dump(), "split_seed": 3})
    config, tables = record.config.model_copy(update={"task": task}), (record.networks, record.trials)
    networks, trials = (each.assign(split_seed=3) for each in tables)
    group = replace(record, config=config, networks=networks, trials=trials, nulls=nulls)
    rows = PermutedLabels().rows_of(group, "iris")
    assert rows["labels"].value_counts().to_dict() == {"measured": len(record.selected_trials) + 1, "permuted": 1}
    assert set(rows["split_seed"]) == {3}
    assert pd.isna(rows["divided"].iloc[-1])  # the answer of those that have not learned is left out


def test_tables_of_scikit_learn_can_be_learned(tmp_path):
    write_tables(tmp_path)
    shapes = {}
    for name in NAMES:
        words = [word for word in overrides(name) if "range" not in word and "task.path" not in word]
        config = compose([*words, f"task.path='{tmp_path}/tables/{name}.csv'"])
        task = build_task(config.task.name, **config.task.parameters)
        shapes[name] = (task.n_inputs, task.n_outputs, task.outputs_are_bits)
    assert shapes == {
        "iris": (4, 3, True),
        "wine": (13, 3, True),
        "breast_cancer": (30, 1, True),
        "diabetes": (10, 1, False),
    }
