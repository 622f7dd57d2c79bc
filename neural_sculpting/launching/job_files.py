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

from neural_sculpting.launching.grouping import places_that_differ

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
        places = places_that_differ(hydra.hydra.overrides.task)
        in_overrides: list[Path_] = [("hydra", "overrides", "task", place) for place in places.values()]
        self._task = Template(task, [tuple(key.split(".")) for key in places])
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
        self._values = _plain(config)
        self._gaps = {f"__gap_{number}_of_the_template__": gap for number, gap in enumerate(gaps)}
        self._texts: dict[str, str] = {}  # one for each combination of lists, which take a line for each element

    def fill(self, config: DictConfig) -> str:
        """Return the text for a configuration that differs from the first one only in the gaps."""
        around = {place: _plain(reduce(getitem, place, config)) for place in {gap[:-1] for gap in self._gaps.values()}}
        found = {mark: around[gap[:-1]][gap[-1]] for mark, gap in self._gaps.items()}
        lists = {mark: value for mark, value in found.items() if isinstance(value, list | dict)}
        text = self._text(lists)
        for mark in found.keys() - lists.keys():
            text = text.replace(mark, _scalar(found[mark]))
        return text

    def _text(self, lists: dict[str, Any]) -> str:
        key = json.dumps(lists)
        if key not in self._texts:
            for mark, gap in self._gaps.items():
                reduce(getitem, gap[:-1], self._values)[gap[-1]] = lists.get(mark, mark)
            self._texts[key] = OmegaConf.to_yaml(OmegaConf.create(self._values))
        return self._texts[key]


def _plain(config: DictConfig) -> Any:
    return OmegaConf.to_container(config, resolve=False, enum_to_str=True)


def _scalar(value: Any) -> str:
    """Write a value as YAML on one line, quoted as OmegaConf does."""
    text = OmegaConf.to_yaml(OmegaConf.create([value])).removeprefix("- ").removesuffix("\n")
    return text if "\n" not in text else json.dumps(value, ensure_ascii=False)  # JSON is YAML on one line
