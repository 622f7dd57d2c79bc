from typing import Any

import pytest
from omegaconf import OmegaConf

from neural_sculpting.launching.job_files import Template

BASE: dict[str, Any] = {"task": {"name": "boolean_sep"}, "seed": 0, "list": ["a", "seed=0"], "text": "${seed}"}


@pytest.mark.parametrize(
    "value",
    [3, -1, 1.5, 1e-9, True, None, "", "12", "1e3", "null", "yes", " x ", "a: b", "# no comment", "'q'", '"q"', "ä…",
     "a\nb", "x" * 200, "a b " * 60, "${seed}", "[1]", [], [1], [1, [2]], {"a": 1}, "*x", "&x", "!x", "%x", "-", "@x"],
)  # fmt: skip
def test_what_is_filled_in_reads_back(value: object) -> None:
    template = Template(OmegaConf.create(BASE), [("seed",), ("list", 1)])
    config = OmegaConf.create({**BASE, "seed": value, "list": ["a", value]})
    assert OmegaConf.create(template.fill(config)) == config


@pytest.mark.parametrize("value", [0, 35, "seed=35", "12", "null", "a: b", "jobs/35", "", 1.5])
def test_it_is_the_text_that_hydra_writes(value: object) -> None:
    template = Template(OmegaConf.create(BASE), [("seed",), ("list", 1)])
    config = OmegaConf.create({**BASE, "seed": value, "list": ["a", value]})
    assert template.fill(config) == OmegaConf.to_yaml(config)


def test_the_configuration_stays_as_it_was() -> None:
    config = OmegaConf.create(BASE)
    Template(config, [("seed",)])
    assert config == BASE
