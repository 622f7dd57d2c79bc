"""Tables of measurements have the truth that they are said to have, and settings are compared on the same tables."""

import numpy as np
import pandas as pd
import pytest

from experiments.measured.__main__ import ANSWERS, compare
from experiments.measured.cases import FAMILIES, JOINTS, LEAVES, table
from neural_sculpting.decomposition.measured import MeasuredFunction


@pytest.mark.parametrize("family", FAMILIES)
def test_outputs_depend_on_the_inputs_of_their_blocks_alone(family):
    drawn = table(family, 500, 0.0, seed=3)
    modules = dict(drawn.expected.nodes(data=True))
    assert sorted(output for of in modules.values() for output in of["outputs"]) == [*range(len(drawn.outputs))]
    inputs = [index for of in modules.values() for index in of["inputs"]]
    assert len(inputs) == len(set(inputs)) == drawn.rows.shape[1] - len(drawn.outputs) - 4 * (family == "idle")


def test_shared_functions_reach_both_outputs():
    graph = table("shared", 50, 0.0, seed=0).expected
    assert set(graph.edges) == {((0, 1), 0), ((0, 1), 1), ((2,), 0), ((3, 4), 1)}
    assert [graph.nodes[output]["outputs"] for output in (0, 1)] == [(0,), (1,)]


def test_noise_is_beside_outputs_of_unit_variance_and_the_same_seed_draws_the_same_function():
    exact, noisy = (table("tree", 4000, noise, seed=1).rows["y0"] for noise in (0.0, 0.7))
    assert exact.std(ddof=0) == pytest.approx(1)
    assert (noisy - exact).std() == pytest.approx(0.7, rel=0.05)


@pytest.mark.parametrize("joint", JOINTS)
@pytest.mark.parametrize("leaf", LEAVES)
def test_no_other_pair_acts_through_one_number_where_joints_do_not_divide_leaves(joint, leaf):
    if leaf in (*joint.not_first, *joint.not_second):
        pytest.skip("such a pair is not drawn")

    def function(rows):
        first, second = (LEAVES[leaf](rows[:, i], rows[:, i + 1]) for i in (0, 2))
        return joint.function(first, second)[:, None]

    asked = MeasuredFunction(function, np.random.default_rng(0).normal(size=(1000, 4)), [[i] for i in range(4)])
    residuals = {pair: asked.signal(pair, [0]).residual for pair in ((0, 1), (2, 3), (0, 2), (1, 3), (0, 3), (1, 2))}
    assert max(residuals[0, 1], residuals[2, 3]) < min(residuals[pair] for pair in ((0, 2), (1, 3), (0, 3), (1, 2)))


def test_settings_are_compared_on_tables_that_have_all():
    same = {"rows": 600, "noise": 0.05, "family": "tree", "test_accuracy": 0.5, "edges": 10.0, "seconds": 1.0}
    right = {"paper": [0, 0, 1, 1], "undecayed": [0, 0, 0, 0], "default": [1, 1, 1, 0]}
    rows = [
        {**same, "table_seed": seed, "setting": name, **{f"{of}_relation": value for of in ANSWERS}}
        for name, of_name in right.items()
        for seed, value in enumerate(of_name)
    ]
    lines = compare(pd.DataFrame([*rows, {**rows[0], "table_seed": 9}]))
    assert lines["family"].tolist() == ["all", "tree"]
    line = lines.to_dict("records")[0]
    assert (line["tables"], line["paper"], line["default"], line["gained"], line["lost"]) == (4, 0.5, 0.75, 2, 1)
    assert line["p"] == 1.0  # of three coins, two heads or more, both ways
