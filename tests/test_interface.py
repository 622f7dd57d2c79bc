"""The Python interface: the same pipeline, and a result that can be queried, saved and loaded."""

import os
import re
import subprocess
import sys
import traceback
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

import neural_sculpting as ns
from neural_sculpting.errors import UserError
from neural_sculpting.results import Result

SHORT = ["training.epochs=6"]


@pytest.fixture(scope="module")
def result():
    return ns.sculpt("boolean_sep", seeds=4)


def test_a_result_has_tables_graphs_and_pictures(result):
    assert result.trials["seed"].tolist() == [0, 1, 2, 3]
    assert "boolean_sep  4-24-4" in str(result)
    assert repr(result) == str(result)
    assert result.success_rates["trials"].tolist() == [4] * 10
    expected = nx.DiGraph()
    expected.add_node("A", inputs=(0, 1), outputs=(0, 1))
    expected.add_node("B", inputs=(2, 3), outputs=(2, 3))
    same = nx.is_isomorphic(
        result.hierarchy(seed=2), expected, node_match=lambda one, other: one["inputs"] == other["inputs"]
    )
    assert same == bool(result.trials.loc[2, "input_separability"])
    assert result.picture(seed=2).startswith("<svg") or result.picture(seed=2).startswith("<?xml")
    assert "boolean_sep, seed 2" in result.picture(seed=2)
    assert [mask.shape for mask in result.masks(seed=1)] == [(4, 24), (24, 4)]


def test_printed_results_are_80_columns_wide_at_most(result):
    wide = Result(tuple(replace(group, trials=group.trials.assign(task="boolean_" * 8)) for group in result.groups))
    assert max(map(len, str(result).splitlines())) <= 80
    assert len(str(wide).splitlines()) == 3  # the cell is named above its numbers
    assert max(map(len, str(wide).splitlines())) <= 80


@pytest.fixture
def notebook(monkeypatch):
    """Make rich, which prints at once in a notebook, believe that it is in one; colors are wanted there."""
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")


def test_texts_in_a_notebook_are_those_of_a_terminal(notebook, result, capsys):
    texts = [str(result), str(result.summary()), str(result.consensus), str(result.trial().formulas())]
    assert "boolean_sep  4-24-4" in texts[0]
    assert texts[1].splitlines()[:3] == texts[0].splitlines()
    assert texts[2] == "y0 y1  A  x0 x1\ny2 y3  B  x2 x3"
    assert texts[3].splitlines()[0].startswith("y0 = ")
    assert "\x1b" not in "".join(texts)
    assert capsys.readouterr() == ("", "")


def test_what_a_notebook_shows(notebook, result):
    assert repr(result.summary()) == result.summary()
    assert repr(result.trial().formulas()) == str(result.trial().formulas())
    assert result.trial().formulas()._repr_html_().startswith("<pre>y0 = ")
    shown = result._repr_html_()
    assert shown.startswith("<pre")
    assert "hierarchy of 4 of 4 trials" in shown
    assert "<svg" in shown
    assert str(type(result.consensus)()) == "no modules"


def test_a_result_is_a_sequence(result):
    assert [trial.seed for trial in (result[0], result[-1], *result[1:3])] == [0, 3, 1, 2]
    assert result[np.int64(2)].seed == 2
    with pytest.raises(IndexError, match="4: must be less than 4, the number of trials"):
        result[4]


def test_a_result_shows_the_best_trial(result):
    rows = result.trials[result.trials["exact"]]
    best = rows.loc[rows["edges"].idxmin(), "seed"]
    assert f"seed {best}<" in result._repr_svg_()


@pytest.mark.slow
def test_where_no_truth_is_known_the_best_trial_is_one_that_found_the_consensus():
    def vote(a, b, c, bypass, mute):
        stop = a + b + c >= 2
        return stop & (bypass == 0), stop & (mute == 0)

    settings = ["pruning=default", "analysis.reader=paper"]
    result = ns.sculpt(vote, n_inputs=5, seeds=range(12, 24), hidden=[24], overrides=settings)
    alike = [trial for trial in result if str(trial.hierarchy) == str(result.consensus)]
    best = min(alike, key=lambda trial: trial.row["edges"])
    assert min(trial.row["edges"] for trial in result) < best.row["edges"]
    assert result.trial().seed == best.seed
    assert result.picture() == best.picture()
    assert f"seed {best.seed}<" in result._repr_svg_()


def test_saved_and_loaded(result, tmp_path):
    loaded = ns.load(result.save(tmp_path / "kept"))
    assert loaded.trials.equals(result.trials)
    assert all(
        np.array_equal(one, other) for one, other in zip(loaded.masks(seed=3), result.masks(seed=3), strict=True)
    )
    with pytest.raises(UserError, match="exists already"):
        result.save(tmp_path / "kept")
    with pytest.raises(UserError, match=r"nowhere: no such folder$"):
        ns.load(tmp_path / "nowhere")
    with pytest.raises(UserError, match=r"^folder: is NoneType; must be the path of a folder$"):
        ns.load(None)


def test_trials_of_several_groups_are_identified_by_their_jobs(make_config, record):
    from neural_sculpting.pipeline import sculpt_group

    never = make_config({"training.epochs": 1, "training.lr": 1e-6})
    both = Result((sculpt_group(never, [0, 1], [0, 1]), record))
    assert both.hierarchy(job=5).number_of_nodes() == 2
    assert "never" not in both.picture()  # the best of all groups, not of the first
    with pytest.raises(UserError, match=r"^seed=0: several trials have it; name one by job=0, 5$"):
        both.masks(seed=0)
    assert not np.array_equal(both.masks(seed=0, job=5)[0], both.masks(job=0)[0])


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"task": "boolean_foo"}, "task=boolean_foo: no such option (did you mean boolean_sep?); available: boolean_h"),
        (
            {"task": "iris.csv"},
            "task=iris.csv: no such option (did you mean task=table task.path=iris.csv?); available",
        ),
        ({"seed": 3}, "seed: unknown argument (did you mean seeds?); task boolean_sep has no parameters"),
        ({"lr": 0.1}, "lr: unknown argument (did you mean overrides=['training.lr=0.1']?)"),
        ({"learning_rate": 0.1}, "learning_rate: unknown argument (did you mean overrides=['training.lr=0.1']?)"),
        ({"hidden_layers": [24]}, "hidden_layers: unknown argument (did you mean hidden?)"),
        ({"step": [50, 30]}, "['pruning.unit.step=[50,30]'] or overrides=['pruning.edge.step=[50,30]']?)"),
        (
            {"task": "boolean_reused", "use": 2},
            "use: unknown argument (did you mean uses?); task boolean_reused takes uses",
        ),
        (
            {"task": "table", "file": "a.csv"},
            "file: unknown argument (did you mean path?); task table takes path, inputs",
        ),
        ({"overrides": ["lr=0.1"]}, "lr: unknown key (did you mean training.lr?); the configuration allows"),
        ({"seeds": 0}, "seeds=0: must be a number, 1 or more"),
        ({"seeds": [-1]}, "seeds=[-1]: must be"),
        ({"seeds": [1.5]}, "seeds=[1.5]: must be a list of whole numbers"),
        ({"seeds": [2, 2]}, "seed=2: appears more than once"),
        ({"hidden": "24"}, "hidden='24': must be a list of whole numbers"),
        ({"hidden": [1]}, "arch.hidden=[1]: layer 1 has 1 unit"),
        ({"overrides": "training.lr=0.1"}, "overrides='training.lr=0.1': must be a list of settings"),
        ({"overrides": None}, "overrides=None: must be a list of settings, such as ['training.epochs=20']"),
        ({"overrides": [3]}, "overrides=[3]: must be a list of settings"),
        ({"overrides": {("a",): 1}}, "overrides={('a',): 1}: must be a list of settings"),
        ({"overrides": ["task=boolean_single"]}, "must be a list of settings, without seed, task, logger and pictures"),
        ({"overrides": ["seed=3"]}, "overrides=['seed=3']: must be a list of settings, without seed"),
        ({"overrides": ["training.lr=0"]}, "training.lr=0: must be a number above 0"),
    ],
)
def test_mistakes_are_reported_on_one_line(arguments, line):
    with pytest.raises(UserError, match=re.escape(line)) as error:
        ns.sculpt(**arguments)
    assert "\n" not in str(error.value)


def test_the_traceback_of_a_mistake_has_no_internals():
    with pytest.raises(UserError) as error:
        ns.sculpt(task="boolean_foo")
    assert [frame.name for frame in traceback.extract_tb(error.value.__traceback__)][1:] == ["call"]
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__
    assert error.value._render_traceback_() == [f"UserError: {error.value}"]


def test_the_interface_is_listed_before_it_is_imported():
    code = "import neural_sculpting as ns, sys; print(*dir(ns), *{'torch', 'pandas'} & {*sys.modules})"
    listed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"sculpt", "load", "analyze", "Result", "Trial", "UserError"} <= {*listed} == {*ns.__all__}
    assert all(hasattr(ns, name) for name in ns.__all__)


@pytest.mark.slow
def test_numbers_of_numpy_are_numbers(result):
    again = ns.sculpt("boolean_sep", seeds=np.arange(3, 4), hidden=np.array([24]))
    assert np.array_equal(again.masks(seed=3)[0], result.masks(seed=3)[0])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "AUTO PASSIVE"),
        ({"MKL_CBWR": "AVX2", "OMP_WAIT_POLICY": "ACTIVE"}, "AVX2 ACTIVE"),
        ({"GOMP_SPINCOUNT": "5"}, "AUTO None"),
    ],
)
def test_libraries_are_set_up_before_they_are_loaded_unless_the_user_does(given, expected):
    code = "import os, neural_sculpting; print(*map(os.environ.get, ('MKL_CBWR', 'OMP_WAIT_POLICY')))"
    others = {key: value for key, value in os.environ.items() if key not in ("MKL_CBWR", "OMP_WAIT_POLICY")}
    done = subprocess.run([sys.executable, "-c", code], env=others | given, capture_output=True, text=True)
    assert done.stdout.strip() == expected
