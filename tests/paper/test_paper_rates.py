import pytest

from neural_sculpting.paper import PaperRate, paper_rates
from neural_sculpting.records.criteria import CRITERIA
from neural_sculpting.tasks import build_task

FIGURES = ["exemplar", "reuse", "overlap", "hierarchy"]


@pytest.mark.parametrize(
    ("figure", "number", "wanted"),
    [
        ("exemplar", 9, PaperRate("exemplar", "boolean_reused", "exact", "3", None, 8, 0.917, 12)),
        ("exemplar", 11, PaperRate("exemplar", "boolean_single", "exact", "3", None, None, 1.0, 12)),
        ("reuse", 5, PaperRate("reuse", "boolean_reused", "exact", "2", None, 1, 0.583, 12)),
        ("overlap", 15, PaperRate("overlap", "boolean_overlap", "input_separability", "1-3", 3, 1, 0.64, 36)),
        ("hierarchy", 4, PaperRate("hierarchy", "boolean_hierarchy", "exact", "3", None, 2, 0.5, 12)),
    ],
)
def test_rates_of_the_paper(figure, number, wanted):
    assert paper_rates(figure)[number] == wanted


def test_every_figure_is_complete():
    sizes = {figure: len(paper_rates(figure)) for figure in [*FIGURES, "mnist"]}
    assert sizes == {"exemplar": 12, "reuse": 15, "overlap": 75, "hierarchy": 12, "mnist": 12}


@pytest.mark.parametrize("figure", FIGURES)
def test_rates_are_whole_numbers_of_trials_of_tasks_and_criteria_of_the_package(figure):
    """Two digits were printed for 36 trials, three for 12: each is some number of successes, rounded."""
    for rate in paper_rates(figure):
        digits = 2 if rate.trials == 36 else 3
        assert round(rate.successes / rate.trials, digits) == rate.rate
        parameters = {"overlap": rate.overlap, "uses": rate.uses}
        given = {name: value for name, value in parameters.items() if value is not None}
        assert dict(build_task(rate.task, **given).parameters) == given
        assert rate.criterion in CRITERIA


def test_an_unknown_figure_of_the_paper():
    with pytest.raises(ValueError, match=r"^figure=depth: the paper has no such figure; it has exemplar, reuse, "):
        paper_rates("depth")
