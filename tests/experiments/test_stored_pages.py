"""What the repository keeps of real runs fits together: the pages are those of the stored rows."""

from pathlib import Path

import pytest

from experiments.figures import HERE, NOTES
from experiments.pages import page
from experiments.stored_rows import ROWS, read
from neural_sculpting.paper.figures.measures import measures_table
from neural_sculpting.paper.figures.tables import PLANS, figure_table

pytestmark = pytest.mark.slow

BOOLEAN = [name for name, plan in PLANS.items() if not plan.measures]


@pytest.mark.parametrize("figure", PLANS)
def test_the_page_of_an_experiment_is_that_of_its_rows(figure):
    folder = Path(HERE) / figure
    if not (folder / ROWS).exists():
        pytest.skip("no rows are stored")
    trials, about = read(folder)
    notes = (folder / NOTES).read_text(encoding="utf-8") if (folder / NOTES).exists() else ""
    expected = page(figure, figure_table(trials, figure), measures_table(trials, figure), about, notes)
    assert (folder / "README.md").read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("figure", BOOLEAN)
def test_the_paper_s_seeds_and_shapes_are_all_there(figure):
    trials, _ = read(Path(HERE) / figure)
    sparsest = trials[trials["selection"] == "sparsest"]
    assert set(sparsest["seed"]) == {0, 1, 2, 5}
    table = figure_table(trials, figure)
    assert (table["sparsest_trials"] == (36 if figure == "overlap" else 12)).all()
