"""The table of a paper's figure for the terminal."""

import pandas as pd
from rich.table import Table

from neural_sculpting.paper.figures.tables import CELL, NEARLY_SEPARABLE

HEADINGS = {"hidden_layers": "layers", "overlap": "shared"}
SHOWN = {"sparsest": "sparsest", "consensus": "consensus", "simplest": "simplest", "sparsest_any_tie": "any"}
"""Selections and their headings; *any* of the sparsest is how the paper counts, and stands beside its rate."""


FURTHER = {
    "input_separability": "inputs",
    NEARLY_SEPARABLE: "near",
    "output_sub_functions": "outputs",
    "middle_layer_separability": "middle",
}
"""Criteria that stand beside for pairs of images, of the sparsest networks."""


def figure_lines_table(table: pd.DataFrame) -> Table:
    """One line for each cell with trials: how often exactly the expected hierarchy was found, here and in the paper.

    Args:
        table: of :func:`~neural_sculpting.paper.figures.tables.figure_table`.
    """
    exact = table[(table["criterion"] == "exact") & (table["sparsest_trials"] > 0)]
    names = [name for name in CELL if table[name].nunique() > 1 and name != "criterion"]
    with_paper = exact["paper_rate"].notna().any()
    pairs = (table["criterion"] == NEARLY_SEPARABLE).any()
    beside = [name for name in FURTHER if pairs and (table["criterion"] == name).any()]
    place = [name for name in CELL if name != "criterion"]
    further = [exact[place].merge(table[table["criterion"] == name], on=place)["sparsest_rate"] for name in beside]
    lines = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    for name in names:
        lines.add_column(HEADINGS.get(name, name), justify="left" if name == "task" else "right", no_wrap=True)
    headings = ["trials", "among", *SHOWN.values(), *(["paper"] if with_paper else [])]
    headings += [FURTHER[name] for name in beside]
    for heading in headings:
        lines.add_column(heading, justify="right")
    for number, cell in enumerate(exact.to_dict("records")):
        rates = [cell["among"], *(cell[f"{name}_rate"] for name in SHOWN)]
        rates += [cell["paper_rate"]] if with_paper else []
        rates += [column[number] for column in further]
        values = [str(cell[name]) if pd.notna(cell[name]) else "" for name in names]
        lines.add_row(*values, str(cell["sparsest_trials"]), *map(_rate, rates))
    return lines


def _rate(rate: float) -> str:
    return "" if pd.isna(rate) else f"{rate:.2f}"
