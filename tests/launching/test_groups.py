import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_sculpting.launching.grouping import group_jobs, group_key, places_that_differ


def test_jobs_that_differ_only_in_the_seed_are_one_group() -> None:
    jobs = [["lr=1", "seed=0"], ["lr=2", "seed=0"], ["lr=1", "seed=1"], ["lr=2", "seed=1"]]
    assert group_jobs(jobs) == [[0, 2], [1, 3]]


def test_a_sweep_without_seeds_has_groups_of_one() -> None:
    assert group_jobs([["lr=1"], ["lr=2"]]) == [[0], [1]]


def test_no_overrides_at_all_are_one_group() -> None:
    assert group_jobs([[]]) == [[0]]


@pytest.mark.parametrize("seed", ["seed", "+seed", "++seed"])
def test_the_seed_may_be_added(seed: str) -> None:
    assert group_jobs([[f"{seed}=0", "lr=1"], [f"{seed}=1", "lr=1"]]) == [[0, 1]]


def test_a_seed_that_is_added_and_one_that_is_changed_are_not_the_same() -> None:
    assert group_jobs([["seed=0"], ["++seed=1"]]) == [[0], [1]]


@pytest.mark.parametrize(
    "override", ["seeds=1", "model.seed=1", "seed@there=1", "~seed", "seed.x=1", "seed_noise=1", "seed=1,2"]
)
def test_what_only_looks_like_a_seed_is_none(override: str) -> None:
    assert places_that_differ([override]) == {}


def test_two_seeds_are_no_seed() -> None:
    assert places_that_differ(["seed=1", "++seed=2"]) == {}


def test_jobs_that_differ_only_in_steps_are_one_group() -> None:
    steps = ["pruning.unit.step=70", "pruning.unit.step=[70,50]", "pruning.unit.step=50"]
    jobs = [
        ["task=a", step, edge, f"seed={seed}"] for step in steps for edge in ("pruning.edge.step=2",) for seed in (0, 1)
    ]
    assert group_jobs(jobs) == [[0, 1, 2, 3, 4, 5]]
    assert group_key(jobs[0]) == ("task=a", "pruning.unit.step", "pruning.edge.step", "seed")


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["pruning=search", "pruning.unit.step=70"], {"pruning.unit.step": 1}),  # an option, chosen before
        (["pruning.unit.criterion=random", "pruning.unit.step=70"], {"pruning.unit.step": 1}),
        (["pruning={unit:{step:50}}", "pruning.unit.step=70", "seed=1"], {"seed": 2}),
        (["pruning.unit.step=70", "pruning.unit={step:50}", "pruning.edge.step=2"], {"pruning.edge.step": 2}),
        (["~pruning.edge", "pruning.unit.step=70", "+pruning.edge.step=2"], {"pruning.unit.step": 1}),
        (["pruning.unit.step=70", "pruning.unit.step.more=1"], {}),
    ],
)
def test_a_step_that_other_overrides_have_to_do_with_stays_as_it_is(
    overrides: list[str], expected: dict[str, int]
) -> None:
    assert places_that_differ(overrides) == expected


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12))
def test_every_job_is_in_one_group_with_its_likes(pairs: list[tuple[int, int]]) -> None:
    groups = group_jobs([[f"lr={lr}", f"seed={seed}"] for lr, seed in pairs])
    assert sorted(place for group in groups for place in group) == list(range(len(pairs)))
    assert all(group == sorted(group) for group in groups)
    assert [group[0] for group in groups] == sorted(group[0] for group in groups)
    rates = [{pairs[place][0] for place in group} for group in groups]
    assert all(len(each) == 1 for each in rates)
    assert len(groups) == len({lr for lr, _ in pairs})
