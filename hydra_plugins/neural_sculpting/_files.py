"""The ``.hydra`` files of a job, written by filling in what differs within a group.

Hydra writes the same files; turning its configuration into YAML takes it 8 ms a job.
"""

import json
from collections.abc import Sequence
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from hydra_plugins.neural_sculpting._groups import seed_place

Path_ = tuple[str | int, ...]

OF_A_JOB: list[Path_] = [
    ("hydra", "job", "override_dirname"),
    ("hydra", "job", "id"),
    ("hydra", "job", "num"),
    ("hydra", "runtime", "output_dir"),
]


class HydraFiles:
    """Writes ``config.yaml``, ``hydra.yaml`` and ``overrides.yaml`` for the jobs of one group."""

    def __init__(self, task: DictConfig, hydra: DictConfig) -> None:
        """Prepare the texts from any job of the group: what its task function gets, and Hydra's own part."""
        place = seed_place(hydra.hydra.overrides.task)
        in_overrides: list[Path_] = [] if place is None else [("hydra", "overrides", "task", place)]
        self._task = Template(task, [] if place is None else [("seed",)])
        self._hydra = Template(hydra, OF_A_JOB + in_overrides)

    def write(self, folder: Path, task: DictConfig, hydra: DictConfig) -> None:
        """Write the files of one job into a folder, which is made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.yaml").write_text(self._task.fill(task), encoding="utf-8")
        (folder / "hydra.yaml").write_text(self._hydra.fill(hydra), encoding="utf-8")
        overrides = OmegaConf.to_yaml(hydra.hydra.overrides.task)
        (folder / "overrides.yaml").write_text(overrides, encoding="utf-8")


class Template:
    """The YAML text of a configuration, with gaps for the values that differ within a group."""

    def __init__(self, config: DictConfig, gaps: Sequence[Path_]) -> None:
        values = _plain(config)
        self._gaps = {f"__gap_{number}_of_the_template__": gap for number, gap in enumerate(gaps)}
        for mark, gap in self._gaps.items():
            reduce(getitem, gap[:-1], values)[gap[-1]] = mark
        self._text = OmegaConf.to_yaml(OmegaConf.create(values))

    def fill(self, config: DictConfig) -> str:
        """Return the text for a configuration that differs from the first one only in the gaps."""
        values = _plain(config)
        text = self._text
        for mark, gap in self._gaps.items():
            text = text.replace(mark, _scalar(reduce(getitem, gap, values)))
        return text


def _plain(config: DictConfig) -> Any:
    return OmegaConf.to_container(config, resolve=False, enum_to_str=True)


def _scalar(value: Any) -> str:
    """Write a value as YAML on one line, quoted as OmegaConf does."""
    if not isinstance(value, list | dict):
        text = OmegaConf.to_yaml(OmegaConf.create([value])).removeprefix("- ").removesuffix("\n")
        if "\n" not in text:
            return text
    return json.dumps(value, ensure_ascii=False)  # JSON is YAML on one line
