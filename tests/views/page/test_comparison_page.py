import re
from dataclasses import replace

import pytest

from neural_sculpting.records.sweep import Sweep
from neural_sculpting.scoring.rates import paired_difference, rate_difference
from neural_sculpting.views.page.comparison_page import difference_of, differing_settings, names_of, write_comparison


@pytest.fixture(scope="module")
def sweeps(groups, save, tmp_path_factory):
    """The same eight trials twice, with other outcomes and another criterion, and four of them alone."""
    home = tmp_path_factory.mktemp("sweeps")

    def folder(name, exact, criterion="magnitude", rows=8):
        record = groups[1]
        pruning = record.config.pruning
        unit = pruning.unit.model_copy(update={"criterion": criterion})
        config = record.config.model_copy(update={"pruning": pruning.model_copy(update={"unit": unit})})
        frames = {
            "networks": record.networks.assign(exact=exact)[:rows],
            "trials": record.trials.assign(exact=exact)[:rows],
            "history": record.history[record.history["seed"] < rows],
        }
        packed = record.packed.take(slice(rows))
        return Sweep.open(
            save([replace(record, config=config, packed=packed, graphs=record.graphs[:rows], **frames)], home / name)
        )

    first = folder("first", [True, True, True, False, False, False, False, False])
    second = folder("second", [True, True, True, True, True, True, False, False], "loss_sensitivity")
    fewer = folder("fewer", [True, True, True, True, False, False, False, False], rows=4)
    return [first, second, fewer]


def test_the_same_trials_are_compared_in_pairs(sweeps):
    """Three succeed in both, three only in the second, two in neither."""
    first, second, fewer = (sweep.cells[0] for sweep in sweeps)
    assert difference_of(second, first) == (paired_difference(3, 3, 0, 2), 8)
    assert difference_of(fewer, first) == (rate_difference(4, 4, 3, 8), 0)


def test_differing_settings(sweeps):
    differing = dict(differing_settings(sweeps))
    assert differing["pruning.unit.criterion"] == ["magnitude", "loss_sensitivity", "magnitude"]
    assert differing["seed"] == ["0–7", "0–7", "0–3"]
    assert "task.name" not in differing


def test_the_page(sweeps, tmp_path, page_of):
    page = page_of(write_comparison(sweeps, tmp_path / "page.html"))
    text = page.text.replace("\xa0", " ")
    assert "3 sweeps side by side" in text
    assert "first 3 of 8 38 % 14–69 %" in text
    difference = paired_difference(3, 3, 0, 2)
    interval = f"{100 * difference.low:+.0f} to {100 * difference.high:+.0f}".replace("-", "−")
    assert f"second 6 of 8 75 % 41–93 % +38 ({interval}) the same 8 trials" in re.sub(
        r"\( | \)", lambda m: m[0].strip(), text
    )
    assert "different trials" in text
    assert [tag for tag, _ in page.elements].count("figure") == 3
    assert "http" not in page.source.replace("http-equiv", "")


def test_folders_of_the_same_name_are_distinguished(sweeps, tmp_path, save, groups):
    others = [Sweep.open(save([groups[1]], tmp_path / parent / "sweep")) for parent in ("here", "there")]
    assert names_of(others) == ["here/sweep", "there/sweep"]
    assert names_of(sweeps) == ["first", "second", "fewer"]
    assert names_of([others[0], others[0]]) == ["sweep (1)", "sweep (2)"]
