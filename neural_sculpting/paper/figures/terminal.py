"""The table of a paper's figure for the terminal."""

import pandas as pd
from rich.table import Table

from neural_sculpting.paper.figures.tables import CELL, NEARLY_SEPARABLE

HEADINGS = {"hidden_layers": "layers", "overlap": "shared"}
RATES = {
    **{"among": "oracle", "sparsest_rate": "sparsest", "consensus_rate": "consensus", "simplest_rate": "simplest"},
    **{"sparsest_any_tie_rate": "any", "paper_rate": "paper"},
}
"""Columns and their headings; *any* of the sparsest is how the paper counts, and stands beside its rate."""

FURTHER = {
    **{"input_separability": "inputs", NEARLY_SEPARABLE: "near"},
    **{"output_sub_functions": "outputs", "middle_layer_separability": "middle"},
}
"""Criteria that stand beside for pairs of images, of the sparsest networks."""


def figure_lines_table(table: pd.DataFrame) -> Table:
    """Return a line for each cell of a figure's table with trials: how often exactly the expected hierarchy was found.

    The paper's rate, where it has one, stands beside the others.
    """
    exact = table[(table["criterion"] == "exact") & (table["sparsest_trials"] > 0)]
    within = [name for name in CELL if name != "criterion"]
    names = [name for name in within if table[name].nunique() > 1]
    shown = {name: heading for name, heading in RATES.items() if name != "paper_rate" or exact[name].notna().any()}
    rates = exact[[*within, *shown]].rename(columns=shown)
    criteria = {*table["criterion"]}
    for criterion, heading in FURTHER.items() if NEARLY_SEPARABLE in criteria else ():
        if criterion in criteria:
            of_criterion = table.loc[table["criterion"] == criterion, [*within, "sparsest_rate"]]
            rates = rates.merge(of_criterion.rename(columns={"sparsest_rate": heading}), on=within)
    lines = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    for name in names:
        lines.add_column(HEADINGS.get(name, name), justify="left" if name == "task" else "right", no_wrap=True)
    numbers = [heading for heading in rates if heading not in within]
    for heading in ("trials", *numbers):
        lines.add_column(heading, justify="right")
    for trials, cell in zip(exact["sparsest_trials"], rates.to_dict("records"), strict=True):
        values = ["" if pd.isna(cell[name]) else str(cell[name]) for name in names]
        lines.add_row(*values, str(trials), *("" if pd.isna(cell[name]) else f"{cell[name]:.2f}" for name in numbers))
    return lines
