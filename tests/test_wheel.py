"""A built wheel contains the configuration and the plugin, and runs from any folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content alone, as an installer would unpack it."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_contains_what_it_needs(installed: Path) -> None:
    conf = {str(path.relative_to(ROOT / "conf")) for path in (ROOT / "conf").rglob("*.yaml")}
    shipped = installed / "neural_sculpting" / "conf"
    assert {str(path.relative_to(shipped)) for path in shipped.rglob("*.yaml")} == conf
    for name in ("neural_sculpting/py.typed", "neural_sculpting/paper/hyperparameters.csv"):
        assert (installed / name).is_file()
    assert (installed / "hydra_plugins" / "neural_sculpting" / "batch.py").is_file()
    [commands] = installed.glob("*.dist-info/entry_points.txt")
    assert "neural-sculpting = neural_sculpting.__main__:main" in commands.read_text(encoding="utf-8").splitlines()
    assert not (installed / "hydra_plugins" / "__init__.py").exists()
    assert not (installed / "tests").exists()


def test_it_runs_from_any_folder(installed: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-m", "neural_sculpting.run", "-m", "task=boolean_sep", "seed=range(3)"]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "boolean_sep 4-24-4: 3 trials in one batch" in result.stderr
    [folder] = (tmp_path / "multirun_outputs").iterdir()
    assert len((folder / "trials.csv").read_text(encoding="utf-8").splitlines()) == 4


def test_the_code_that_ran_was_the_wheels(installed: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    code = "import neural_sculpting, neural_sculpting.config.loading as c; print(c.configuration_folder())"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == str(installed / "neural_sculpting" / "conf")
