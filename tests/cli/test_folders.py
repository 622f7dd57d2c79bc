from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hypothesis import given
from hypothesis import strategies as st

from neural_sculpting.cli import folders
from neural_sculpting.errors import UserError


def parsed(*lines: str) -> list[Override]:
    return OverridesParser.create().parse_overrides(list(lines))


def test_without_overrides_the_hash_is_that_of_nothing():
    assert folders.stem(None, "boolean_sep", []) == "boolean_sep_e3b0c442"  # sha256 of no bytes


def test_an_experiment_names_the_folder():
    assert folders.stem("random_units", "boolean_sep", []).startswith("random_units_")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["seed=1", "training.lr=0.1"], ["training.lr=0.1", "seed=1"]),
        (["arch.hidden=[24,36]"], ["arch.hidden=[24, 36]"]),
        (["seed=1"], ["seed=1", "hydra.verbose=true"]),
        (["seed=1"], ["seed=1", "hydra/launcher=basic"]),
        (["seed=1"], ["seed=1", "+resume=true"]),
    ],
)
def test_overrides_without_effect_on_results_do_not_change_the_hash(one, other):
    assert folders.stem(None, "t", parsed(*one)) == folders.stem(None, "t", parsed(*other))


@pytest.mark.parametrize(
    ("one", "other"),
    [(["seed=1"], ["seed=2"]), (["seed=range(3)"], ["seed=range(4)"]), (["training.lr=0.1"], []), (["~logger"], [])],
)
def test_overrides_that_change_results_change_the_hash(one, other):
    assert folders.stem(None, "t", parsed(*one)) != folders.stem(None, "t", parsed(*other))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("task=a,b", "a-b"),
        ("task=glob(*)", "glob"),
        ("task='../../etc/x y'", "etc-x-y"),
        ("task='..'", "run"),
        (f"task={'x' * 300}", "x" * 60),
    ],
)
def test_a_name_is_made_safe(line, name):
    assert folders.stem(None, "t", parsed(line)).rpartition("_")[0] == name


@given(st.text())
def test_a_name_never_leaves_the_folder(text):
    stem = folders.stem(text, "t", [])
    assert Path(stem).name == stem
    assert not stem.startswith((".", "-"))


def test_folders_are_counted(tmp_path):
    root = tmp_path / "multirun_outputs"
    (root / "a_2").mkdir(parents=True)
    made = [folders.reserve(root, "a").name for _ in range(3)]
    assert made == ["a_3", "a_4", "a_5"]
    assert [path.name for path in folders.numbered(root, "a")] == ["a_5", "a_4", "a_3", "a_2"]


def test_a_root_where_no_folder_can_be_made_is_refused(tmp_path):
    (tmp_path / "multirun_outputs").write_text("a file")
    with pytest.raises(UserError, match=r"multirun_outputs: no folder can be made here \(File exists\); choose"):
        folders.reserve(tmp_path / "multirun_outputs", "a")


@pytest.mark.parametrize("left", ["groups", "plan.json"])
def test_a_folder_with_results_is_refused(tmp_path, left):
    folders.check_unused("hydra.sweep.dir", tmp_path)
    folders.check_unused("hydra.sweep.dir", tmp_path / "not there")
    (tmp_path / left).mkdir()
    with pytest.raises(UserError, match=r"^hydra.sweep.dir=.*: contains the results of an earlier run"):
        folders.check_unused("hydra.sweep.dir", tmp_path)
