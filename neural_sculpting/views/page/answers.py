"""The answer to the task of a cell, as a section of its page."""

from typing import Any

from markupsafe import Markup

from neural_sculpting.records.answers import POOLED
from neural_sculpting.records.cell import Cell
from neural_sculpting.views.answer_words import JUDGED, answer_facts, as_expected, beside_the_answer
from neural_sculpting.views.page.pictures import hierarchy_svg

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
