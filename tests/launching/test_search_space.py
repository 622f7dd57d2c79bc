"""What overrides with several values let Optuna propose, and how proposals are written."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from neural_sculpting.errors import UserError
from neural_sculpting.launching.search import Space

pytest.importorskip("optuna", reason="the extra `optuna` is not installed")
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution


def space(*lines: str) -> Space:
    return Space(OverridesParser.create().parse_overrides(list(lines)))


@pytest.mark.parametrize(
    ("line", "distribution"),
    [
        ("training.lr=0.1,0.5", CategoricalDistribution(("0.1", "0.5"))),
        ("arch.hidden=choice([24],[24,24])", CategoricalDistribution(("[24]", "[24,24]"))),
        ("training.class_weights=null,balanced", CategoricalDistribution(("null", "balanced"))),
        ("training.epochs=5,5,10", CategoricalDistribution(("5", "10"))),
        ("training.lr=interval(0.1,1)", FloatDistribution(0.1, 1.0)),
        ("training.lr=interval(0,1)", FloatDistribution(0.0, 1.0)),
        ("training.lr=tag(log,interval(0.001,1))", FloatDistribution(0.001, 1.0, log=True)),
        ("training.epochs=interval(5,40)", IntDistribution(5, 40)),  # a key that takes whole numbers
        ("training.epochs=tag(log,int(interval(5,40)))", IntDistribution(5, 40, log=True)),
        ("task.uses=int(interval(1,4))", IntDistribution(1, 4)),
        ("training.epochs=range(10,40,10)", IntDistribution(10, 30, step=10)),  # without its end, as in every sweep
        ("training.epochs=range(40,10,-10)", IntDistribution(20, 40, step=10)),
        ("training.lr=range(0.1,0.5,0.1)", FloatDistribution(0.1, 0.4, step=0.1)),
        ("training.epochs=shuffle(range(1,4))", CategoricalDistribution(("1", "2", "3"))),
    ],
)
def test_each_kind_of_override_has_its_distribution(line, distribution):
    [(key, found)] = space(line).distributions.items()
    assert key == line.partition("=")[0]
    if isinstance(found, CategoricalDistribution):
        found = CategoricalDistribution(sorted(found.choices))
        distribution = CategoricalDistribution(sorted(distribution.choices))
    assert found == distribution


@pytest.mark.parametrize(
    ("line", "value", "written"),
    [
        ("training.lr=interval(0.1,1)", 0.123456, "training.lr=0.1235"),
        ("training.lr=interval(0.1,0.123449)", 0.123448, "training.lr=0.1234"),
        ("training.lr=interval(0.1,0.12346)", 0.123458, "training.lr=0.123458"),  # rounded, it would be outside
        ("training.lr=range(0.1,0.5,0.1)", 0.30000000000000004, "training.lr=0.3"),
        ("training.epochs=interval(5,40)", 17, "training.epochs=17"),
        ("+training.epochs=5,10", "10", "+training.epochs=10"),
    ],
)
def test_proposals_are_short_and_inside_their_ends(line, value, written):
    found = space(line)
    assert found.proposal(dict.fromkeys(found.distributions, value)) == (written,)


def test_a_trial_of_another_study_is_no_proposal():
    assert space("training.lr=interval(0.1,1)").proposal({"training.epochs": 5}) is None


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("training.epochs=range(0)", "a sweep over nothing"),
        ("training.lr=range(0,1,0)", "has no end"),
        ("training.lr=tag(log,interval(0,1))", "Optuna refuses it"),
        ("training.lr=interval(2,1)", "Optuna refuses it"),
    ],
)
def test_nothing_to_choose_from_is_refused(line, problem):
    with pytest.raises(UserError, match=problem) as refused:
        space(line)
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)


def test_a_search_needs_several_values():
    with pytest.raises(UserError, match=r"^hydra/sweeper=optuna: nothing to search"):
        Space([])
