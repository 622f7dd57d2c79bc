from dataclasses import replace
from math import nan
from xml.etree import ElementTree

import pandas as pd
import pytest

from neural_sculpting.config.schemas import TaskConfig
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.views.pictures.trial_pictures import draw_pictures, picture_of


@pytest.fixture
def three(record):
    """The trials of the fixture ``record``: a failure, and two successes of which the last is sparser."""
    made = record.selected_trials.assign(exact=pd.array([False, True, True], dtype="boolean"), edges=[10, 20, 18])
    return lambda pictures, **columns: replace(
        record, config=record.config.model_copy(update={"pictures": pictures}), trials=made.assign(**columns)
    )


@pytest.mark.parametrize(
    ("pictures", "names"),
    [
        ("best", ["0007_boolean_sep_4-24-4_seed2.svg"]),
        ("all", [f"000{job}_boolean_sep_4-24-4_seed{seed}.svg" for job, seed in ((7, 2), (5, 0), (3, 4))]),
        ("none", []),
    ],
)
def test_pictures_are_drawn_as_configured_the_best_first(three, tmp_path, pictures, names):
    paths = draw_pictures(Sweep((three(pictures),)), tmp_path / "pictures")
    assert [path.name for path in paths] == names
    assert sorted(tmp_path.glob("*/*")) == sorted(paths)
    assert all(ElementTree.parse(path).getroot().tag.endswith("svg") for path in paths)


def test_a_failed_analysis_has_no_picture(three, tmp_path):
    paths = draw_pictures(Sweep((three("all", status=["failed", "sculpted", "never_learned"]),)), tmp_path)
    assert [path.name[:4] for path in paths] == ["0005", "0007"]
    assert draw_pictures(Sweep((three("best", status="failed"),)), tmp_path) == []


def test_an_error_in_drawing_costs_one_picture(three, tmp_path, caplog):
    group = three("all")
    network = int(group.selected_trials.set_index("job").loc[5, "network"])
    graphs = [None if index == network else graph for index, graph in enumerate(group.graphs)]
    paths = draw_pictures(Sweep((replace(group, graphs=graphs),)), tmp_path)
    assert [path.name[:4] for path in paths] == ["0007", "0003"]
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert caplog.messages == [f"job 5: no picture (ValueError: network {network}: its analysis failed)"]


@pytest.mark.parametrize(
    ("status", "exact", "outcome"),
    [("sculpted", True, "as expected"), ("sculpted", False, "differs"), ("never_learned", False, "never learned")],
)
def test_the_title_and_subtitle_of_a_picture(record, status, exact, outcome):
    trial = record.selected_trials.assign(
        status=status, exact=pd.array([exact] * 3, dtype="boolean"), density=0.0938
    ).iloc[1]
    picture = picture_of(record, trial)
    assert "boolean_sep, seed 0" in picture
    assert f"4-24-4 · density 9.4% · hierarchy: {outcome}" in picture
    trial["density"] = 0.000534  # of a large network
    assert f"4-24-4 · density 0.05% · hierarchy: {outcome}" in picture_of(record, trial)


def test_details_of_the_task_are_not_in_the_title(record):
    task = TaskConfig(name="boolean_sep", uses=8, data_seed=3, source="digits")
    config = record.config.model_copy(update={"task": task})
    picture = picture_of(replace(record, config=config, details=("data_seed",)), record.selected_trials.iloc[1])
    assert "boolean_sep uses=8 source=digits, seed 0" in picture


def test_the_agreement_of_inputs_is_shown_if_they_are_pixels(record):
    trial = record.selected_trials.assign(input_agreement=0.953).iloc[1]
    assert "agreement of the inputs" not in picture_of(record, trial)
    images = replace(record, image_shape=(2, 1))
    assert " · agreement of the inputs 0.95" in picture_of(images, trial)
    unknown = picture_of(images, record.selected_trials.assign(input_agreement=nan).iloc[1])
    assert "agreement of the inputs" not in unknown
    assert "Input pixels by module" in unknown
    assert "Input pixels by module" not in picture_of(record, trial)
