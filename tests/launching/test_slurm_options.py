"""The options of jobs, without a Slurm."""

import sys
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf
from slurm_programs import Programs

from neural_sculpting.errors import UserError
from neural_sculpting.launching.slurm.options import SlurmConf, check, parameters

submitit = pytest.importorskip("submitit", reason="the extra `slurm` is not installed")


@pytest.fixture(autouse=True)
def all_programs(programs: Programs) -> None:
    for name in ("sbatch", "srun", "squeue", "scancel"):
        programs.let(name)


def options(**changes: Any) -> Any:
    return OmegaConf.merge(OmegaConf.structured(SlurmConf), changes)


def script(folder: Path, workers: int | None = None, jobs: int = 2, **changes: Any) -> list[str]:
    """The lines of the script that submitit writes."""
    changed = options(**changes)
    check(changed)
    executor = submitit.SlurmExecutor(folder)
    executor.update_parameters(**parameters(changed, "a name", workers))
    executor.parameters["map_count"] = jobs
    lines: list[str] = executor._make_submission_file_text("python", "x").splitlines()
    return lines


def test_nothing_is_asked_for_by_default(tmp_path):
    asked = {line.removeprefix("#SBATCH --").partition("=")[0] for line in script(tmp_path) if "#SBATCH" in line}
    assert asked == {"array", "job-name", "nodes", "ntasks-per-node", "open-mode", "output", "requeue", "signal"}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"partition": "long,short"}, "#SBATCH --partition=long,short"),
        ({"account": "lab"}, "#SBATCH --account=lab"),
        ({"qos": "low"}, "#SBATCH --qos=low"),
        ({"minutes": 90}, "#SBATCH --time=90"),
        ({"minutes": 90}, "#SBATCH --signal=USR2@90"),
        ({"minutes": 1}, "#SBATCH --signal=USR2@30"),
        ({"memory_gb": 1.5}, "#SBATCH --mem=1536MB"),
        ({"cpus": 4}, "#SBATCH --cpus-per-task=4"),
        ({"gpus": 2}, "#SBATCH --gpus-per-node=2"),
        ({"setup": ["module load cuda"]}, "module load cuda"),
        ({"extra": {"constraint": "a100|h100"}}, "#SBATCH --constraint='a100|h100'"),
        ({"extra": {"mail_type": "END"}}, "#SBATCH --mail-type=END"),
        ({"extra": {"exclusive": True}}, "#SBATCH --exclusive"),
        ({"workers": 1}, "#SBATCH --array=0-1%1"),
        ({}, "#SBATCH --array=0-1%2"),
        ({}, "#SBATCH --requeue"),
        ({}, "#SBATCH --open-mode=append"),  # a second turn does not write over the first
    ],
)
def test_options_become_lines_of_the_script(tmp_path, changes, line):
    assert line in script(tmp_path, **changes)


def test_the_step_gets_all_processors_of_the_job(tmp_path):
    assert any(line.startswith("srun ") and "--cpus-per-task=4" in line for line in script(tmp_path, cpus=4))


@pytest.mark.parametrize("off", [None, False])
def test_an_option_can_be_taken_back(tmp_path, off):
    assert not any("exclusive" in line for line in script(tmp_path, extra={"exclusive": off}))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"minutes": 0}, "minutes=0: must be a whole number of minutes, 1 or more"),
        ({"cpus": -1}, "cpus=-1: must be a whole number of processors, 1 or more"),
        ({"gpus": -1}, "gpus=-1: must be a whole number of GPUs, 0 or more"),
        ({"requeues": -1}, "requeues=-1: must be a whole number of turns, 0 or more"),
        ({"memory_gb": 0}, r"memory_gb=0.0: must be a number of gigabytes above 0"),
        ({"memory_gb": float("nan")}, "memory_gb=nan: must be a number of gigabytes above 0"),
        ({"partition": ""}, "partition='': must be a word that sbatch takes"),
        (
            {"partition": "main\nrm -rf x"},
            r"partition='main\\nrm -rf x': must be a word that sbatch takes, on one line",
        ),
        ({"qos": "-x"}, "qos='-x': must be a word"),
        ({"account": "$(id)"}, r"account='\$\(id\)': must be a word"),
        ({"setup": ["a\nb"]}, "setup: every command must be one line"),
        ({"extra": {"Constraint": "x"}}, "extra: 'Constraint' is no long option of sbatch"),
        ({"extra": {"a b": "x"}}, "extra: 'a b' is no long option of sbatch"),
        ({"extra": {"output": "../x"}}, "extra.output: is set by the executor itself"),
        ({"extra": {"job_name": "x"}}, "extra.job_name: is set by the executor itself"),
        ({"extra": {"time": 3}}, "extra.time: use hydra.launcher.slurm.minutes instead"),
        ({"extra": {"partition": "x"}}, "extra.partition: use hydra.launcher.slurm.partition instead"),
        ({"extra": {"comment": "a\nb"}}, r"extra.comment='a\\nb': must be a word"),
    ],
)
def test_options_that_are_not_allowed_are_refused_in_one_line(changes, line):
    with pytest.raises(UserError, match=f"^hydra.launcher.slurm.{line}") as refused:
        check(options(**changes))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("program", ["sbatch", "srun", "squeue", "scancel"])
def test_a_machine_without_slurm_is_refused(programs, program):
    (programs.folder / program).unlink()
    with pytest.raises(UserError, match=f"^hydra.launcher.executor=slurm: there is no {program} on this machine"):
        check(options())


def test_submitit_must_be_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "submitit", None)
    with pytest.raises(
        UserError, match=r"needs submitit, which is not installed; run: pip install 'neural-sculpting\["
    ):
        check(options())


def test_parts_of_a_sweep_cannot_be_detached():
    check(options(), wait=True, max_batch_size=3)
    check(options(), wait=False)
    with pytest.raises(UserError, match=r"^hydra.launcher.wait=false: not with hydra.sweeper.max_batch_size=3"):
        check(options(), wait=False, max_batch_size=3)
