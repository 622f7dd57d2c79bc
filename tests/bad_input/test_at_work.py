"""Mistakes that are found only when work begins: a missing device, too little memory."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from test_every_mistake import everything_in

import neural_sculpting as ns
from neural_sculpting import run
from neural_sculpting.errors import UserError

LARGE = "arch.hidden=[200000,200000]"


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logging_restored: None, hydra_restore_singletons: None
) -> Path:
    """An empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def error_of(words: list[str], capfd: pytest.CaptureFixture[str]) -> str:
    assert run.main(words) == 1
    lines = capfd.readouterr().err.splitlines()
    assert not [line for line in lines if "Traceback" in line]
    [line] = [line for line in lines if line.startswith("error: ")]
    return line


WITHOUT_GPU = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")


@pytest.mark.slow
@pytest.mark.parametrize("words", [[], ["-m", "seed=0,1"]])
@pytest.mark.parametrize(
    ("setting", "names"),
    [
        pytest.param("trainer.accelerator=gpu", ["trainer.accelerator=gpu", "cpu"], marks=WITHOUT_GPU),
        pytest.param("trainer.accelerator=cuda", ["trainer.accelerator=cuda", "cpu"], marks=WITHOUT_GPU),
        ("trainer.precision=tf32", ["trainer.precision=tf32", "fp32"]),
        (LARGE, ["arch.hidden=[200000, 200000]", "GB can be used"]),
    ],
)
def test_a_missing_resource_is_reported_on_one_line(
    words: list[str], setting: str, names: list[str], here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    line = error_of([*words, setting], capfd)
    for name in names:
        assert name in line
    assert everything_in(here) == {}


@pytest.mark.slow
def test_memory_that_others_take(
    here: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "600")  # MiB, as much as the program itself takes
    line = error_of(["seed=1"], capfd)
    assert "arch.hidden=[24]" in line
    assert everything_in(here) == {}


@pytest.mark.parametrize(
    "call",
    [
        lambda: ns.sculpt("boolean_sep", seeds=[1], overrides=["trainer.precision=tf32"]),
        lambda: ns.sculpt("boolean_sep", seeds=[1], hidden=[200_000, 200_000]),
        lambda: ns.sculpt("boolean_sep", seeds=[-1]),
        lambda: ns.sculpt("boolean_sep", hidden=["many"]),
        lambda: ns.sculpt("boolean_sep\n"),
        lambda: ns.sculpt("../boolean_sep"),
        lambda: ns.sculpt("boolean_reused", uses="x\ny"),
        lambda: ns.sculpt("truth_table", path="no\nsuch.csv", outputs=["y"]),
        lambda: ns.sculpt("boolean_sep", network="no_such.pt"),
        lambda: ns.sculpt("boolean_sep", network=3),
        lambda: ns.sculpt("boolean_sep", overrides=["seed"]),
        lambda: ns.sculpt(lambda a: a, n_inputs=99),
        lambda: ns.analyze([]),
        lambda: ns.analyze("no_such.pt"),
        lambda: ns.load("nowhere"),
        lambda: ns.load("a\nb"),
        lambda: ns.load("x" * 300),
    ],
)
def test_the_python_interface_raises_one_line(call: Callable[[], object], here: Path) -> None:
    with pytest.raises(UserError) as caught:
        call()
    assert str(caught.value)
    assert str(caught.value).isprintable()
    assert everything_in(here) == {}
