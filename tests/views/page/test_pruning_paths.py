import re
from itertools import pairwise

import numpy as np
import pytest

from neural_sculpting.records.pruning_paths import PruningPath, pruning_paths
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.views.page.pruning_chart import MOST_LINES, path_chart, pruning_chart


def path(*densities, edge_phase, rejected=()):
    accepted = np.array([attempt not in rejected for attempt in range(len(densities))])
    return PruningPath(np.array(densities), accepted, {"unit": edge_phase, "edge": len(densities) - edge_phase})


def test_the_kept_density_is_the_last_accepted_one():
    tried = path(1.0, 0.4, 0.1, 0.2, 0.2, 0.05, edge_phase=4, rejected=(2, 5))
    assert tried.kept.tolist() == [1.0, 0.4, 0.4, 0.2, 0.2, 0.2]
    # A dense network below the threshold is pruned all the same.
    assert path(1.0, 0.4, edge_phase=2, rejected=(0, 1)).kept.tolist() == [1.0, 1.0]


def test_each_path_leads_to_its_network(sweep_folder, record):
    for sweep in (Sweep.open(sweep_folder), Sweep((record,))):  # the second after a search
        paths = pruning_paths(sweep.groups, sweep.selected)
        for (_, trial), found in zip(sweep.selected.iterrows(), paths, strict=True):
            assert found.density[0] == 1.0
            assert found.attempts == {"unit": trial["unit_rounds"], "edge": trial["edge_rounds"]}
            assert len(found.density) == trial["unit_rounds"] + trial["edge_rounds"]
            if trial["status"] == "sculpted":
                assert found.kept[-1] == pytest.approx(trial["density"])


def test_the_median_is_drawn_on_a_logarithmic_scale():
    """From 100 % at the top (26) to 1 % at the bottom (140): 10 % is in the middle, at 83."""
    paths = [path(1.0, last, last, edge_phase=2) for last in (0.01, 0.1, 0.1)]
    chart = pruning_chart(paths, [True, False, True], "three <trials>")
    median = re.findall(r'class="median" d="M([^"]*)"', chart)
    assert [point.split()[1] for point in median[0].split("L")] == ["26", "83"]
    assert median[1].split()[1] == "83"
    assert [chart.count(f'class="{name}"') for name in ("good", "bad", "range")] == [4, 2, 0]
    assert 'aria-label="three &lt;trials&gt;: Units are pruned"' in chart


@pytest.mark.parametrize("edge_phase", [1, 39])
def test_each_phase_has_a_chart_that_fits_a_phone(edge_phase):
    """On a phone of 390 px a chart is 358 px wide; its smallest text, 12 of 400, is 10.7 px there."""
    charts = pruning_chart([path(*np.geomspace(1, 0.01, 40), edge_phase=edge_phase)], [True], "one").split("</svg>")
    assert [re.findall(r">(\w+ are pruned)<", chart) for chart in charts[:-1]] == [
        ["Units are pruned"],
        ["Edges are pruned"],
    ]
    for chart in charts[:-1]:
        assert re.findall(r'viewBox="0 0 400 180"|min-width:334px', chart) == [
            "min-width:334px",
            'viewBox="0 0 400 180"',
        ]
        ticks = [float(x) for x in re.findall(r'text-anchor="middle" x="([\d.]+)" y="156"', chart)]
        assert all(right - left >= 28 for left, right in pairwise(ticks))
        assert ticks[0] == 46


def test_many_trials_are_a_range():
    paths = [path(1.0, 0.1, edge_phase=2)] * (MOST_LINES + 1)
    chart = pruning_chart(paths, [True] * len(paths), "many")
    assert [chart.count(f'class="{name}"') for name in ("good", "range", "median")] == [0, 1, 1]


def test_a_phase_without_attempts_stays_empty():
    chart = pruning_chart([path(1.0, 0.5, edge_phase=2)], [False], "never learned")
    assert chart.count('class="median"') == 1
    assert "Edges are pruned" in chart


@pytest.mark.filterwarnings("error")
def test_if_nothing_was_pruned_the_lines_stay_at_the_top():
    chart = pruning_chart([path(1.0, 1.0, edge_phase=1)], [False], "dense")
    [median, _] = re.findall(r'class="median" d="M([^"]*)"', chart)
    assert {point.split()[1] for point in median.split("L")} == {"26"}


def test_the_attempts_of_one_trial():
    """Six attempts, from 100 % at the top (8) to 0.1 % at the bottom (128): 40 for each power of ten."""
    chart = path_chart(path(1.0, 0.1, 0.05, 0.1, 0.01, 0.003, edge_phase=4, rejected=(2, 5)))
    assert re.findall(r'class="median" d="M([^"]*)"', chart) == ["52 8L120.4 48L257.2 48L325.6 88"]
    accepted, rejected = re.findall(r'<g class="accepted">(.*?)</g><g class="rejected">(.*?)</g>', chart)[0]
    assert [accepted.count("<circle"), rejected.count("<circle")] == [4, 2]
    assert re.findall(r'<text class="tick"[^>]*>(\w+)</text>', chart) == ["units", "edges"]
    assert ">edges<" not in path_chart(path(1.0, 0.1, edge_phase=2))
    assert path_chart(path(1.0, edge_phase=1)) == ""
