import json
import re
import sys
from pathlib import Path

import pytest

from neural_sculpting import dashboard
from neural_sculpting.dashboard import main, specification

pytestmark = pytest.mark.filterwarnings("ignore:Pydantic V1 style")  # in wandb-workspaces


@pytest.fixture(scope="module")
def sections():
    view = specification("a-team", "a-project")
    assert (view["entity"], view["project"]) == ("a-team", "a-project")
    found = view["spec"]["section"]["panelBankConfig"]["sections"]
    return {section["name"]: section["panels"] for section in found}


def panels(sections, name, kind):
    return [panel["config"] for panel in sections[name] if panel["viewType"] == kind]


def test_there_is_a_section_for_each_question(sections):
    assert list(sections) == ["Success rates", "Density and accuracy over the pruning", "Trials", "Pictures"]


def test_the_page_lists_the_sections(sections):
    page = (Path(__file__).parents[1] / "docs" / "weights_and_biases.md").read_text(encoding="utf-8")
    rows = [line.split(" | ")[0].removeprefix("| ") for line in page.splitlines() if line.count("|") == 5]
    assert [name for name in rows if name[:1].isupper()] == list(sections)


def test_success_rates_are_bars_a_chart_and_a_table(sections):
    bars = panels(sections, "Success rates", "Bar Chart")
    assert [bar["metrics"] for bar in bars] == [
        ["success/exact"],
        ["success/relation"],
        ["success/refines"],
        ["success/input_separability"],
        ["success/output_sub_functions"],
    ]
    assert {(bar["xAxisMin"], bar["xAxisMax"]) for bar in bars} == {(0, 1)}
    [chart] = panels(sections, "Success rates", "Media Browser")
    assert chart["mediaKeys"] == ["success_chart"]
    [table] = panels(sections, "Success rates", "Weave")
    assert "'success_rates'" in str(table)


@pytest.mark.parametrize("metric", ["density", "accuracy", "accepted"])
@pytest.mark.parametrize("phase", ["unit", "edge"])
def test_curves_are_those_of_sweeps_and_of_trials(sections, metric, phase):
    [plot] = [
        plot
        for plot in panels(sections, "Density and accuracy over the pruning", "Run History Line Plot")
        if plot["chartTitle"] == f"{phase.capitalize()} pruning: {metric}"
    ]
    assert (plot["xAxis"], plot["useMetricRegex"]) == ("attempt", True)
    matching = re.compile(plot["metricRegex"])
    assert matching.search(f"{phase}/{metric}")
    assert matching.search(f"boolean_sep 4-24-4/{phase}/{metric}")
    assert not matching.search(metric)
    assert not matching.search(f"boolean_sep 4-24-4/{metric}")


def test_trials_and_pictures_are_what_is_logged(sections):
    assert "'trials_table'" in str(panels(sections, "Trials", "Weave"))
    keys = [browser["mediaKeys"] for browser in panels(sections, "Pictures", "Media Browser")]
    assert keys == [["pictures"], ["picture"]]


def test_it_is_printed_without_asking_anybody(capsys, monkeypatch):
    monkeypatch.setattr(dashboard, "_save", None)
    assert main(["a-team/a-project", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["displayName"] == "Neural Sculpting"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["a-project"], "a-project: must be ENTITY/PROJECT, such as my-team/neural-sculpting"),
        (["a/b/c"], "a/b/c: must be ENTITY/PROJECT, such as my-team/neural-sculpting"),
        ([], "the following arguments are required: ENTITY/PROJECT; --help shows what is allowed"),
    ],
)
def test_a_mistake_is_reported_on_one_line(words, line, capsys):
    assert main(words) == 1
    assert capsys.readouterr().err == f"error: {line}\n"


def test_a_missing_package_is_reported_with_the_command_that_installs_it(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb_workspaces", None)
    monkeypatch.setattr(dashboard.importlib.util, "find_spec", lambda name: None)
    assert main(["a/b"]) == 1
    expected = "error: wandb-workspaces: not installed; pip install 'neural-sculpting[dashboard]'\n"
    assert capsys.readouterr().err == expected


def test_without_a_key_nobody_is_asked(capsys, monkeypatch):
    monkeypatch.setattr("neural_sculpting.tracking.wandb_session.has_key", lambda: False)
    assert main(["a/b"]) == 1
    assert capsys.readouterr().err == "error: no W&B key; run `wandb login`, or print the dashboard with --json\n"
