from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override

from neural_sculpting.cli import arguments
from neural_sculpting.errors import UserError


def first(*lines: str) -> list[str]:
    return arguments.first_job(OverridesParser.create().parse_overrides(list(lines)))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("seed=3", "seed=3"),
        ("seed=4,5", "seed=4"),
        ("seed=range(7,9)", "seed=7"),
        ("+seed=choice(1,2)", "+seed=1"),
        ("task=boolean_sep,boolean_single", "task=boolean_sep"),
        ("arch.hidden=[24],[36]", "++arch.hidden=[24]"),
        ("training.lr=interval(0,1)", "++training.lr=0.5"),
        ("+training.lr=1", "+training.lr=1"),
        ("hydra.verbose=true", "hydra.verbose=true"),
        ("hydra/launcher=basic", "hydra/launcher=basic"),
        ("~logger", "~logger"),
    ],
)
def test_the_first_job_of_a_sweep(line, expected):
    assert first(line) == [expected]


def test_a_sweep_over_nothing_is_refused():
    with pytest.raises(UserError, match=r"^seed=range\(0\): a sweep over nothing$"):
        first("seed=range(0)")


def test_flags_and_overrides_are_separated():
    flags = arguments.read(["seed=1", "-m", "task=boolean_sep", "-cp", "."])
    assert flags.overrides == ["seed=1", "task=boolean_sep"]
    assert flags.multirun
    assert flags.config_path == str(Path.cwd())
    assert flags.config_name == "config"
    assert arguments.wants_a_run(flags)


@pytest.mark.parametrize("words", [["-h"], ["--hydra-help"], ["--cfg", "job"], ["--info"], ["-sc", "query=bash"]])
def test_commands_that_only_show_something_are_no_run(words):
    assert not arguments.wants_a_run(arguments.read(words))


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--foo"], "--foo: unknown flag; --help shows what is allowed"),
        (["--resolve"], "--resolve: goes with --cfg or --help"),
        (["--config-dir"], "argument -cd/--config-dir: expected one argument"),
        (["--experimental-rerun", "x"], "--experimental-rerun: not supported; give the overrides of that run again"),
    ],
)
def test_a_wrong_flag_is_refused(words, line):
    with pytest.raises(UserError) as caught:
        arguments.read(words)
    assert str(caught.value).startswith(line)


KNOWN = {"arch": ["mlp"], "pruning": ["sculpting", "search"], "hydra/launcher": ["basic", "batch"]}


def values_of_groups(line: str) -> None:
    overrides = OverridesParser.create().parse_overrides([line])
    arguments.refuse_values_of_groups(overrides, lambda group: KNOWN.get(group, []))


@pytest.mark.parametrize("line", ["arch=[24]", "arch=24", "arch=[24],[36]", "arch=24,36", "arch=range(3)", "arch=true"])
def test_a_value_for_a_group_is_refused(line):
    with pytest.raises(UserError) as caught:
        values_of_groups(line)
    beginning = f"{line}: arch takes the name of an option (mlp); values belong to its keys (arch.name, arch.hidden, "
    assert str(caught.value).startswith(beginning)


def test_all_options_and_keys_of_a_group_are_named():
    accuracy = ("accuracy_by", "accuracy_threshold", "accuracy_drop", "standard_errors")
    keys = ", ".join(rf"pruning\.{key}" for key in (*accuracy, "phases", "unit", "edge", "reopen", "variants"))
    with pytest.raises(UserError, match=rf"an option \(sculpting, search\); values belong to its keys \({keys}\)$"):
        values_of_groups("pruning=[70,50]")
    with pytest.raises(
        UserError, match=r"^hydra/launcher=3: hydra/launcher takes the name of an option \(basic, batch\)$"
    ):
        values_of_groups("hydra/launcher=3")


@pytest.mark.parametrize(
    "line",
    [
        *("arch=mlp", "arch='mlp'", "arch=mlp,mine", "arch=[mlp,mine]", "arch=glob(*)", "arch=null", "~arch"),
        *("arch={hidden:[24]}", "arch.hidden=[24]", "arch.hidden=[24],[36]", "seed=1,2", "seed=range(3)"),
    ],
)
def test_values_that_a_group_allows(line):
    values_of_groups(line)


def settings(*lines: str) -> list[Override]:
    return OverridesParser.create().parse_overrides(list(lines))


def test_jobs_are_counted():
    assert arguments.count_jobs(settings("seed=range(3)", "arch.hidden=[24],[36]", "training.lr=0.1")) == 6


@pytest.mark.parametrize(
    ("line", "value"), [("seed=1,2,1", "1"), ("arch.hidden=[24],[36],[24]", "[24]"), ("training.lr=0.1,1e-1", "0.1")]
)
def test_a_job_that_appears_twice_is_refused(line, value):
    with pytest.raises(UserError) as caught:
        arguments.count_jobs(settings("seed=0,1" if "seed" not in line else "training.lr=1,2", line))
    assert str(caught.value) == f"{line}: {value} appears more than once; every job needs its own"
