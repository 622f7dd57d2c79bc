from typing import Any

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st

from neural_sculpting.launching.groups import Setting, group_jobs, jobs_of, merged


def groups_of(*lines: str) -> list[list[int]]:
    overrides = OverridesParser.create().parse_overrides(list(lines))
    return [list(group.jobs) for group in group_jobs(jobs_of(overrides))]


@pytest.mark.parametrize(
    ("lines", "groups"),
    [
        ([], [[0]]),
        (["lr=1,2"], [[0], [1]]),
        (["lr=1,2", "seed=0,1"], [[0, 1], [2, 3]]),
        (["seed=0,1", "lr=1,2"], [[0, 2], [1, 3]]),
        (["seed=range(3)"], [[0, 1, 2]]),
        (["+seed=0,1"], [[0, 1]]),
        (["++seed=0,1"], [[0, 1]]),
        (["seed=0,1", "pruning.unit.step=70,50"], [[0, 2], [1, 3]]),
        (["seeds=0,1"], [[0], [1]]),
        (["model.seed=0,1"], [[0], [1]]),
        (["seed@there=0,1"], [[0], [1]]),
        (["seed.x=0,1"], [[0], [1]]),
        (["seed_noise=0,1"], [[0], [1]]),
        (["seed=0,1", "++seed=2"], [[0], [1]]),  # two seeds are no seed
    ],
)
def test_jobs_that_differ_only_in_the_seed_are_one_group(lines, groups):
    assert groups_of(*lines) == groups


def test_a_batch_is_named_without_seed_and_steps():
    lines = ["task=a,b", "pruning.unit.step=70,[70,50]", "++pruning.edge.step=2", "seed=0,1"]
    groups = group_jobs(jobs_of(OverridesParser.create().parse_overrides(lines)))
    assert [group.name for group in groups] == [("task=a",), ("task=a",), ("task=b",), ("task=b",)]
    assert [list(group.seeds.values()) for group in groups] == [[0, 1]] * 4


def test_values_are_those_of_hydra():
    overrides = OverridesParser.create().parse_overrides(["~logger", "x=a b,'c d',[1, 2]", "y=1e-1,0.1"])
    jobs = list(jobs_of(overrides).values())
    assert [each.line for each in jobs[0]] == ["~logger=null", "x=a\\ b", "y=0.1"]
    assert [job[1].line for job in jobs[::2]] == ["x=a\\ b", "x='c d'", "x=[1,2]"]


def test_values_for_people_have_no_quotes_and_backslashes():
    [override] = OverridesParser.create().parse_overrides(["x=${seed},a b,'c, d',[1,2],1e-1"])
    assert [job[0].plain for job in jobs_of([override]).values()] == ["${seed}", "a b", "c, d", "[1,2]", "0.1"]
    [alone] = OverridesParser.create().parse_overrides(["x=${seed}"])
    assert jobs_of([alone])[0][0].plain == "${seed}"


def test_the_command_line_wins_over_the_configuration():
    parse = OverridesParser.create().parse_overrides
    found = merged(parse(["seed=0,1", "lr=1,2"]), parse(["task=a", "lr=3"]))
    assert [each.input_line for each in found] == ["seed=0,1", "lr=3", "task=a"]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12))
def test_every_job_is_in_the_group_of_its_settings(pairs):
    def setting(key: str, value: Any) -> Setting:
        return Setting(key, str(value), value)

    jobs = {number: (setting("lr", lr), setting("seed", seed)) for number, (lr, seed) in enumerate(pairs)}
    groups = [list(group.jobs) for group in group_jobs(jobs)]
    assert sorted(number for group in groups for number in group) == list(range(len(pairs)))
    assert all(group == sorted(group) for group in groups)
    assert [group[0] for group in groups] == sorted(group[0] for group in groups)
    rates = [{pairs[number][0] for number in group} for group in groups]
    assert all(len(each) == 1 for each in rates)
    assert len(groups) == len({lr for lr, _ in pairs})
