import re
from dataclasses import replace

import pytest

from neural_sculpting.errors import UserError
from neural_sculpting.reporting.starting_network import check_same_network
from neural_sculpting.reporting.storage import new_group
from neural_sculpting.schemas import NetworkConfig


def saved(record, folder, first_job):
    with new_group(folder, first_job) as group:
        group.save(record)
    return group.final


def test_a_run_goes_on_with_the_weights_that_it_began_with(record, tmp_path):
    network = NetworkConfig(file="a.pt", sha256="1")
    of = {
        name: record.config.model_copy(update={"network": start})
        for name, start in {
            "same": network,
            "changed": NetworkConfig(file="a.pt", sha256="2"),
            "other file": NetworkConfig(file="b.pt", sha256="2"),
            "none": None,
        }.items()
    }
    saved(replace(record, config=of["other file"]), tmp_path, 0)
    path = saved(replace(record, config=of["same"]), tmp_path, 1)
    for name in ("same", "other file", "none"):
        check_same_network(tmp_path, of[name])
    with pytest.raises(
        UserError, match=f"^network=a.pt: {re.escape(str(path))} started from other weights in this file"
    ):
        check_same_network(tmp_path, of["changed"])
    (path / "group.json").write_text("{")
    check_same_network(tmp_path, of["changed"])  # load_group names it
