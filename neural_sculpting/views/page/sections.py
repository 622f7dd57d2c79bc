"""Sections of a page: the answer to the task of a cell, and whether what was found predicts what breaks."""

from typing import Any

import numpy as np
from markupsafe import Markup

from neural_sculpting.records.answers import POOLED
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.lesions import CellLesions
from neural_sculpting.scoring.means import Mean
from neural_sculpting.scoring.stability import Stability
from neural_sculpting.views.answer_words import JUDGED, answer_facts, as_expected, beside_the_answer
from neural_sculpting.views.page.rendering import hierarchy_svg
from neural_sculpting.views.pictures.matrices import damage_svg

CAPTION = (
    "Shares are of the trials that learned the task: those whose own hierarchy has the module, or the connection, "
    "which is as pale as its share is low."
)
TOGETHER = "All networks that learned the task, read together. "


def answer_section(cell: Cell) -> dict[str, Any]:
    """Collect what ``sweep.html`` shows of an answer; of one that is the most frequent hierarchy, no picture."""
    answer = cell.answer
    facts = answer_facts(cell, answer) if answer else {}
    section: dict[str, Any] = {"heading": "The most frequent hierarchy", "sentence": "", "facts": facts}
    section |= {"picture": "", "kind": "", "caption": TOGETHER * cell.is_of_networks + CAPTION, "beside": []}
    if answer is None or answer.reader not in POOLED:
        return section
    judged = as_expected(cell, answer.hierarchy)
    is_exact = judged == JUDGED["exact"]
    expected = [] if cell.expected is None or is_exact else [("expected", cell.expected)]
    further = [*expected, *beside_the_answer(cell, answer)]
    return section | {
        "heading": "Answer",
        "sentence": f"Answer: {judged}." if judged else "Which hierarchy is expected is not known.",
        "picture": Markup(hierarchy_svg(answer.hierarchy, cell.labels, leading=True)),
        "kind": "found same" if is_exact else "found",
        "beside": [(what, Markup(hierarchy_svg(graph, cell.labels))) for what, graph in further],
    }


NOTHING = "Every module reaches every output, so nothing is predicted that could be wrong."


def lesion_section(cell: Cell) -> dict[str, Any]:
    """Collect what ``sweep.html`` shows of lesions and stability; without facts there is nothing to show."""
    lesions = cell.lesions
    return {
        "hierarchy": Markup(hierarchy_svg(lesions.shown.hierarchy, cell.labels) if lesions else ""),
        "damage": Markup(damage_svg(lesions.shown, cell.labels) if lesions else ""),
        "trial": f"{lesions.trial['layers']}, seed {lesions.trial['seed']}" if lesions else "",
        "facts": {**(_scores(lesions) if lesions else {}), **_stability(cell)},
    }


def _scores(lesions: CellLesions) -> dict[str, str]:
    if not lesions.own.count:
        return {"predicted": NOTHING}
    some = f" of {lesions.networks} that were disturbed" if lesions.own.count < lesions.networks else ""
    networks = f"{lesions.own.count} network{'' if lesions.own.count == 1 else 's'}{some}"
    found = {
        "predicted": f"{_words(lesions.own)}, by the hierarchy of each of {networks}",
        "by the answer": f"{_words(lesions.answer)}, by what all trials say together",
        "by chance": f"{_words(lesions.control)}, of as many random units",
    }
    return {about: words for about, words in found.items() if about != "by the answer" or lesions.answer.count}


def _stability(cell: Cell) -> dict[str, str]:
    found = cell.stability
    kinds = {"seeds": found.seeds, "a trial's networks": found.steps, "draws of rows": found.rows}
    return {f"agreement of {about}": _agreement(each) for about, each in kinds.items() if each is not None}


def _agreement(found: Stability) -> str:
    inputs, reach = _words(found.inputs, ".2f"), _words(found.reach, ".2f")
    return f"{inputs} in how inputs are divided (adjusted Rand index), {reach} in the outputs they reach (kappa)"


def _words(mean: Mean, form: str = ".0%") -> str:
    interval = "" if np.isnan(mean.low) else f" ({mean.low:{form}} to {mean.high:{form}})"
    return f"{mean.mean:{form}}{interval}"
