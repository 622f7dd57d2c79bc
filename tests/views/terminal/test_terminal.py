import io
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from slow import slow

from neural_sculpting.pipeline import sculpt_group
from neural_sculpting.records.criteria import CRITERIA
from neural_sculpting.records.plan import Plan
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.records.tables import rates_of
from neural_sculpting.views.terminal.rates import accuracy_lines, as_text, rates_lines, rates_table, shown_names
from neural_sculpting.views.terminal.summary import Lines, print_summary

TASKS = {
    "boolean_sep": {},
    "boolean_reused": {"uses": 8},
    "boolean_sep_reused": {},
    "boolean_single": {},
    "boolean_overlap": {"overlap": 2, "uses": 8},
    "boolean_hierarchy": {"uses": 8},
}


@pytest.fixture(scope="module")
def six(make_config):
    """A trial of each task, with the deepest networks of the paper; nothing is learned."""
    never = {"training.epochs": 1, "training.lr": 1e-6, "training.batch_size": 64, "arch.hidden": [60] * 4}
    return [
        sculpt_group(make_config({**never, "task": {"name": task, **values}}), [0]) for task, values in TASKS.items()
    ]


@pytest.fixture(scope="module")
def three(make_config):
    """Three trials of boolean_sep with one network each: nothing to select."""
    return sculpt_group(make_config(), [4, 0, 2])


def sweep_of(*groups, jobs=None, **columns):
    """A sweep whose trials have other values in some columns."""
    changed = (replace(group, trials=group.trials.assign(**columns)) for group in groups)
    return Sweep(tuple(changed), plan=Plan(True, jobs, ()))


def tables(groups, **columns):
    sweep = sweep_of(*groups, **columns)
    return sweep.trials, sweep.rates


def shown(capsys, sweep, folder="multirun_outputs/sweep_1", pictures=(), figure=None):
    print_summary(sweep, Path(folder), [Path(picture) for picture in pictures], figure=figure)
    return capsys.readouterr().out


@pytest.mark.parametrize("ties", [1, slow(2)])
@pytest.mark.parametrize("task", TASKS)
def test_every_task_fits_eighty_columns(six, task, ties, capsys):
    group = six[list(TASKS).index(task)]
    out = shown(capsys, sweep_of(group, exact=pd.array([True], dtype="boolean"), ties=ties))
    assert max(map(len, out.splitlines())) <= 80
    assert "…" not in out  # nothing is cut
    assert f"{task}  {'-'.join(map(str, group.layout.layers))}" in out
    assert "1.000    0.207 – 1.000" in out  # 1 of 1: from 1 / (1 + z²)
    assert all(f"{name} {value}" in out for name, value in TASKS[task].items())


@pytest.mark.slow
def test_of_very_many_cells_the_first_are_shown(three):
    trials, _ = tables([three], ties=1)
    many = pd.concat([trials.assign(layers=f"4-{width}-4") for width in range(101, 204)], ignore_index=True)
    lines = rates_lines(many, rates_of(many, sweep_of(three).cell_columns), 100)
    assert lines[1].startswith("boolean_sep  4-101-4       3")
    assert lines[100].startswith("boolean_sep  4-200-4       3")
    assert lines[101:] == ["and 3 further cells, in success_rates.csv"]


def test_six_tasks_in_one_table(six, capsys):
    lines = shown(capsys, sweep_of(*six)).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[2:6] == [
        "boolean_sep  4-60-60-60-60-4",
        "     1 0.000    0.000 – 0.793    0.000  0.000   0.000         100.0%   exact",
        "boolean_reused  4-60-60-60-60-16  uses 8",
        "     1 0.000    0.000 – 0.793    0.000  0.000   0.000         100.0%   exact",
    ]
    assert lines[10] == "boolean_overlap  6-60-60-60-60-16  uses 8  overlap 2"
    wide = as_text(rates_table(*tables(six))).splitlines()
    assert [line.split()[0] for line in wide[1:]] == list(TASKS)


@pytest.mark.parametrize("gaps", [{}, {"pruning.unit.criterion": "my_criteria.of_a_long_name", "training.lr": 0.0125}])
def test_all_criteria_and_ties_of_long_names_fit_eighty_columns(three, gaps):
    trials, rates = tables([three], **dict.fromkeys(CRITERIA, True), **gaps, density=1.0, ties=2)
    several = pd.concat([rates.assign(criterion=name) for name in CRITERIA]).assign(**gaps)
    cells = pd.concat([several, several.assign(layers="1568-1568-1568-1568-1568-1568-20", uses=64, overlap=4)])
    names = ["task", "layers", "hidden_layers", "uses", "overlap", *gaps, "selection"]
    cells = cells[[*names, *(name for name in cells if name not in names)]].drop_duplicates()
    cells = cells.drop_duplicates([*names, "criterion", "ties"])
    lines = rates_lines(trials, cells, 80)
    assert max(map(len, lines)) <= 80
    assert lines[0].split()[-5:] == ["relation", "inputs", "outputs", "density", "ceiling"]
    assert rates_lines(trials, cells, 100)[0].split()[-5:] == ["outputs", "hidden", "middle", "density", "ceiling"]
    assert not any("…" in line for line in lines)
    assert max(map(len, rates_lines(trials, cells.assign(task="a_task" * 20), 80))) <= 80


def test_the_hierarchy_is_below_the_rates(three, capsys):
    sweep = sweep_of(three, ties=1)
    lines = shown(capsys, sweep).splitlines()
    best = sweep.cells[0].best
    formulas = [f"what its modules compute (4-24-4, seed {best['seed']})", *sweep.formulas(best)]
    assert len(formulas) > 2
    assert lines[4:] == [
        "",
        "hierarchy of 3 of 3 trials (as expected), 0 with rewired edges",
        "y0 y1  A  x0 x1",
        "y2 y3  B  x2 x3",
        *formulas,
        "Results  multirun_outputs/sweep_1",
    ]


def test_of_many_tasks_no_hierarchy_is_shown(six, capsys):
    lines = shown(capsys, sweep_of(*six)).splitlines()
    assert not any("hierarchy of" in line for line in lines)
    two = shown(capsys, sweep_of(*six[:2], status="sculpted")).splitlines()
    assert [line for line in two if "not the expected one" in line] == [
        "boolean_sep: hierarchy (not the expected one)",
        "boolean_reused uses=8: hierarchy (not the expected one)",
    ]


def test_a_trial_that_never_learned_has_no_hierarchy(six, capsys):
    lines = shown(capsys, sweep_of(*six[:1])).splitlines()
    assert not any("hierarchy" in line for line in lines)
    assert any("1 trial never learned the task" in line for line in lines)


def test_a_task_whose_hierarchy_is_not_known(three, capsys):
    unknown = {name: pd.NA for name in three.trials if name.removesuffix("_any_tie") in CRITERIA}
    lines = shown(capsys, sweep_of(three, density=0.125, **unknown)).splitlines()
    assert lines[1] == "3 trials, median density 12.5%; which hierarchy is right is not known"


def test_one_line_for_each_cell(three):
    trials, rates = tables([three], exact=pd.array([True, False, True], dtype="boolean"), density=[0.1, 0.3, 0.2])
    header, line = as_text(rates_table(trials, rates)).splitlines()
    assert header.split()[:3] == ["task", "layers", "trials"]  # in one table, as it fits
    assert line.split()[:4] == ["boolean_sep", "4-24-4", "3", "0.667"]
    assert line.split()[-2:] == ["20.0%", "exact"]  # the median, and what the truth table determines
    assert "uses" not in header  # boolean_sep has no such parameter


@pytest.mark.parametrize(("ties", "shown"), [([1, 1, 1], False), ([1, 3, 1], True)])
def test_ties_are_shown_where_there_are_any(three, ties, shown):
    headings, *_ = as_text(rates_table(*tables([three], ties=ties))).splitlines()
    assert ("any tie" in headings) is shown


def test_only_criteria_of_the_tasks_are_shown(three, six):
    assert "hidden" not in as_text(rates_table(*tables([three])))
    assert "hidden" in as_text(rates_table(*tables([six[4]])))


def test_failed_and_missing_trials_are_counted(three, capsys):
    status = ["never_learned", "failed", "never_learned"]
    out = shown(capsys, sweep_of(three, status=status, reason="ValueError: no", jobs=7))
    assert "2 trials never learned the task (no network reached the accuracy threshold)" in out
    assert "1 trial failed: ValueError: no" in out
    assert "4 trials missing: not run yet, or failed (resume=true continues)" in out


def test_a_flawless_sweep_has_no_warnings(three, capsys):
    out = shown(capsys, sweep_of(three, ties=1))
    assert not [word for word in ("failed", "never", "missing", "Picture", "Report", "igure") if word in out]


def of_images(three, depths):
    """Trials of a task with a test set: as many as there are depths, the second half as good."""
    halves = [1.0 / (1 + index % 2) for index in range(len(depths))]
    columns = {
        "input_agreement": halves,
        "test_bit_accuracy": 0.968,
        "test_example_accuracy": [0.8 * h for h in halves],
    }
    columns |= {"dense_test_bit_accuracy": 0.99, "dense_test_example_accuracy": 0.9, "selection": "sparsest"}
    columns |= {"accuracy": 0.99, "dense_accuracy": 0.99, "majority_accuracy": 0.9}
    columns |= {"majority_test_bit_accuracy": 0.9, "majority_test_example_accuracy": 0.01}
    few = three.trials.iloc[: len(depths)].assign(ties=1, hidden_layers=depths)
    others = few.assign(selection="simplest", **dict.fromkeys(columns.keys() - {"selection"}, 0.1))
    trials = pd.concat([few.assign(**columns), others])
    return sweep_of(replace(three, trials=trials))


def test_accuracies_of_tasks_with_a_test_set(three, capsys):
    lines = shown(capsys, of_images(three, [2, 2])).splitlines()
    assert lines[4:9] == [
        "accuracy          dense          sculpted        most frequent answer",
        "validation bits   99.0 % ± 0.0   99.0 % ± 0.0    90.0 %",
        "test bits         99.0 % ± 0.0   96.8 % ± 0.0    90.0 %",
        "test examples     90.0 % ± 0.0   60.0 % ± 28.3   1.0 %",
        "inputs agree                     0.75",
    ]
    lines = accuracy_lines(of_images(three, [2, 3]).tasks)
    assert [line[:16].rstrip() for line in lines[::5]] == ["2 hidden layers", "3 hidden layers"]
    assert lines[3].split()[2:] == ["90.0", "%", "80.0", "%", "1.0", "%"]  # of one trial there is no spread
    assert accuracy_lines(sweep_of(three).tasks) == []


def test_parameters_that_do_not_distinguish_cells_are_not_shown(three):
    _, rates = tables([three])
    rates.insert(1, "data_seed", 5)
    assert "data_seed" not in shown_names(rates)
    assert "data_seed" in shown_names(rates.assign(data_seed=range(len(rates))))


def test_paths_are_as_short_as_they_can_be_typed(three, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    inside = shown(capsys, sweep_of(three), folder=tmp_path / "a sweep", pictures=[tmp_path / "a sweep" / "best.svg"])
    assert "Results  a sweep\nPicture  a sweep/best.svg\n" in inside
    several = shown(capsys, sweep_of(three), pictures=["one.svg", "two.svg", "three.svg"])
    assert "Picture  one.svg and 2 more\n" in several
    long = Path("/") / ("elsewhere" * 20)
    assert f"Results  {long}\n" in shown(capsys, sweep_of(three), folder=long)  # never broken into lines


def test_the_figure_or_why_there_is_none(three, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    out = shown(capsys, sweep_of(three), pictures=["best.svg"], figure=tmp_path / "a sweep" / "reuse.png")
    assert out.endswith("Picture  best.svg\nFigure   a sweep/reuse.png\n")
    assert shown(capsys, sweep_of(three), figure="because").endswith("sweep_1\nNo figure: because\n")


def test_all_selections_are_on_one_line(record, capsys):
    among = (record.trials["job"] != record.trials["job"].max()).astype("boolean")
    sweep = sweep_of(record, among=among)
    trials, rates = sweep.trials, sweep.rates
    header, line = as_text(rates_table(trials, rates)).splitlines()
    assert header.split()[-4:] == ["consensus", "simplest", "oracle", "ceiling"]
    rates_of = trials.groupby("selection")["exact"].mean()
    assert line.split()[-4:] == [f"{rates_of['consensus']:.3f}", f"{rates_of['simplest']:.3f}", "0.667", "exact"]
    assert max(map(len, shown(capsys, sweep).splitlines())) <= 80


class Output(io.StringIO):
    """A standard output of another kind."""

    def __init__(self, encoding="utf-8", terminal=False):
        super().__init__()
        self._encoding, self._terminal = encoding, terminal

    @property
    def encoding(self):
        return self._encoding

    def isatty(self):
        return self._terminal


@pytest.fixture
def output_to(monkeypatch):
    """Replaces the standard output, in an environment that asks for nothing."""
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    def replace_output(**kind):
        monkeypatch.setattr(sys, "stdout", Output(**kind))
        return sys.stdout

    return replace_output


TEXT = "├── 2 trials · 0.1 – 0.2 … [bold]ö[/] :smile: " + "a" * 200


@pytest.mark.parametrize(
    ("kind", "variable", "line"),
    [
        ({}, None, TEXT),  # never broken
        ({"terminal": True}, None, f"\x1b[33m{TEXT}\x1b[0m"),
        *(({"terminal": True}, each, TEXT) for each in (("NO_COLOR", "1"), ("TERM", "dumb"), ("CI", "true"))),
        ({"encoding": "ascii"}, None, "+-- 2 trials - 0.1 - 0.2 ... [bold]?[/] :smile: " + "a" * 200),
    ],
)
def test_colors_and_signs_are_those_that_the_output_can_show(output_to, monkeypatch, kind, variable, line):
    if variable:
        monkeypatch.setenv(*variable)
    output = output_to(**kind)
    Lines().print(TEXT, "yellow")
    assert output.getvalue() == f"{line}\n"


def test_a_dumb_terminal_gets_the_same_table(three, output_to, monkeypatch):
    outputs = []
    for term in ("xterm-256color", "dumb"):
        monkeypatch.setenv("TERM", term)
        monkeypatch.setenv("NO_COLOR", "1")
        outputs.append(output_to(terminal=term == "dumb"))
        print_summary(sweep_of(three), Path("sweep"))
    assert outputs[0].getvalue() == outputs[1].getvalue() != ""


def test_the_width(output_to, monkeypatch):
    output_to()
    assert Lines().width == 80
    monkeypatch.setenv("COLUMNS", "120")
    assert Lines().width == 120
