import json
import os
from dataclasses import replace

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override

from neural_sculpting.cli.arguments import normal
from neural_sculpting.cli.folders import folder_to_resume, in_former_order
from neural_sculpting.errors import UserError
from neural_sculpting.records.plan import FORMAT_VERSION, Plan, read_plan

PLAN = Plan(multirun=True, jobs=2, overrides=("task=boolean_sep", "seed=0,1"), experiment="reuse")


def parsed(*lines: str) -> list[Override]:
    return OverridesParser.create().parse_overrides(list(lines))


def test_overrides_are_normalized():
    lines = parsed("arch.hidden=[24,36],[8]", "hydra.verbose=true", "resume=true", "++seed=range(0,3)", "~logger")
    assert normal(lines) == ("arch.hidden=[24,36],[8]", "++seed=range(0,3)", "~logger=null")


def test_a_plan_reads_back(tmp_path):
    assert read_plan(tmp_path) is None
    PLAN.write(tmp_path)
    assert read_plan(tmp_path) == PLAN
    assert os.listdir(tmp_path) == ["plan.json"]


def test_a_plan_without_the_experiment_can_be_read(tmp_path):
    values = {"format_version": 1, "multirun": True, "jobs": 2, "overrides": list(PLAN.overrides)}
    (tmp_path / "plan.json").write_text(json.dumps(values))
    assert read_plan(tmp_path) == replace(PLAN, experiment=None)


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        (PLAN, None),
        (Plan(True, 2, ("seed=0,1", "task=boolean_sep")), None),
        (Plan(False, 1, PLAN.overrides), "there a sweep (-m), here one job (without -m)"),
        (Plan(True, 3, ("task=boolean_sep", "seed=0,1,2")), "there seed=0,1, here seed=0,1,2"),
        (Plan(True, 2, ("seed=0,1",)), "here without task=boolean_sep"),
        (Plan(True, 2, (*PLAN.overrides, "pictures=all")), "there without pictures=all"),
        (Plan(True, 3, PLAN.overrides), "there 2 jobs, here 3"),
    ],
)
def test_differences_are_named(other, difference):
    assert PLAN.difference(other) == difference


def test_overrides_are_brought_into_its_order(tmp_path):
    PLAN.write(tmp_path)
    given = parsed("resume=true", "seed=0,1", "hydra.verbose=true", "task=boolean_sep")
    lines = [each.input_line for each in in_former_order(tmp_path, [], given)]
    assert lines == ["task=boolean_sep", "seed=0,1", "resume=true", "hydra.verbose=true"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        (json.dumps({"format_version": FORMAT_VERSION}), "KeyError"),
        (json.dumps({"format_version": 99}), "has format 99; this version reads 1"),
    ],
)
def test_a_file_that_is_no_plan_is_refused(tmp_path, text, problem):
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(UserError, match=r"plan\.json: ") as caught:
        read_plan(tmp_path)
    assert problem in str(caught.value)


def test_a_sweep_with_jobs_that_are_not_known_beforehand_is_never_finished(tmp_path):
    plan = Plan(True, None, ("seed=range(2)",))
    plan.write(tmp_path)
    assert folder_to_resume(str(tmp_path), plan, "stem") == tmp_path
