"""The stored results of real runs fit together: tables and pages are those of the stored rows."""

import pytest

from experiments.ablation.__main__ import Ablation
from experiments.architectures.__main__ import Architectures
from experiments.benefits.__main__ import Benefits
from experiments.boolean_sep.__main__ import Controls
from experiments.calibration.__main__ import Calibration
from experiments.changing.__main__ import Changing
from experiments.choosing.__main__ import Choosing
from experiments.efficiency.__main__ import Efficiency
from experiments.figures import Figure
from experiments.measured.__main__ import Measured
from experiments.methods.__main__ import Methods
from experiments.permuted_labels.__main__ import PermutedLabels
from experiments.precision.__main__ import Precision
from experiments.pruning_order.__main__ import PruningOrder
from experiments.random_hierarchies.__main__ import RandomHierarchies
from experiments.sampled.__main__ import Sampled
from experiments.structure.__main__ import Structure
from experiments.study import ROWS, Study
from experiments.unstructured.__main__ import Unstructured
from neural_sculpting.paper.figures.tables import PLANS, figure_table

pytestmark = pytest.mark.slow

STUDIES: list[Study] = [
    *map(Figure, PLANS),
    *(Choosing(), Precision(), RandomHierarchies(), Controls(), Unstructured(), PermutedLabels(), Sampled()),
    *(Architectures(), PruningOrder(), Calibration(), Methods(), Structure(), Ablation(), Efficiency(), Benefits()),
    *(Changing(), Measured()),
]
BOOLEAN = [name for name, plan in PLANS.items() if not plan.measures]


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_tables_and_page_are_those_of_the_stored_rows(study):
    if not (study.folder / ROWS).exists():
        pytest.skip("no rows are stored")
    rows, run = study.read()
    tables = study.tables(rows)
    assert (study.folder / "README.md").read_text(encoding="utf-8") == study.page(rows, tables, run)
    for name, table in tables.items():
        text = table.to_csv(index=False, float_format="%.4g")
        assert (study.folder / f"{name}.csv").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("figure", BOOLEAN)
def test_the_paper_s_seeds_and_shapes_are_all_there(figure):
    rows, _ = Figure(figure).read()
    assert set(rows.loc[rows["selection"] == "sparsest", "seed"]) == {0, 1, 2, 5}
    assert (figure_table(rows, figure)["sparsest_trials"] == (36 if figure == "overlap" else 12)).all()
