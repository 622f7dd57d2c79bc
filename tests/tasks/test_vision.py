import logging
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from user_errors import message_of

from neural_sculpting.records.criteria import criteria_of
from neural_sculpting.tasks import PairedImages, Task, build_task

MNIST = Path(__file__).parents[2].parent / "shared" / "data" / "mnist"
VISION = ["digits_pair", "digits_xor", "mnist_pair", "mnist_xor"]
SMALL = {"source": "digits", "per_pair": 3, "validation_per_pair": 2, "test_per_pair": 1, "data_seed": 0}
SOURCES = "a folder of IDX files, openml (downloads MNIST) or digits (comes with scikit-learn)"


@cache
def small(name: str, **changes) -> Task:
    return build_task(name, **{**SMALL, **changes})


def labels_of(examples: PairedImages) -> list[tuple[int, int]]:
    labels = examples.images.labels
    return list(zip(labels[examples.pairs.left].tolist(), labels[examples.pairs.right].tolist(), strict=True))


def pixels_in(examples: PairedImages, row: int) -> list[np.ndarray]:
    return [examples.images.images[indices[row]] for indices in (examples.pairs.left, examples.pairs.right)]


def images_in(examples: PairedImages) -> set[int]:
    return set(examples.pairs.left.tolist()) | set(examples.pairs.right.tolist())


@pytest.mark.parametrize(("name", "classes", "n_outputs"), [("digits_pair", 10, 20), ("digits_xor", 8, 3)])
def test_each_ordered_pair_of_digits_has_the_requested_examples(name, classes, n_outputs):
    task = small(name)
    assert (task.n_inputs, task.n_outputs, task.image_shape) == (128, n_outputs, (8, 8))
    for examples, count in ((task.training, 3), (task.validation, 2), (task.test, 1)):
        assert examples.targets.shape == (classes**2 * count, n_outputs)
        assert examples.targets.dtype == np.float32
        assert labels_of(examples)[::count][classes + 2] == (1, 2)
        assert len(set(labels_of(examples))) == classes**2
    training, validation, test = (images_in(examples) for examples in (task.training, task.validation, task.test))
    assert not training & validation
    assert not (training | validation) & test


def test_the_targets_of_a_pair_are_both_classes():
    task = small("digits_pair")
    assert task.one_hot == (10, 10)
    for (left, right), row in zip(labels_of(task.training), task.training.targets, strict=True):
        assert np.flatnonzero(row).tolist() == [left, 10 + right]


def test_the_targets_of_xor_are_three_bits():
    task = small("digits_xor")
    assert task.one_hot == ()
    for (left, right), bits in zip(labels_of(task.test), task.test.targets.astype(int), strict=True):
        assert int("".join(map(str, bits)), 2) == left ^ right


def test_digits_and_mnist_are_the_same_construction():
    for kind in ("pair", "xor"):
        one, other = small(f"digits_{kind}"), small(f"mnist_{kind}")
        assert (one.name, other.name) == (f"digits_{kind}", f"mnist_{kind}")
        assert one.training.pairs.left.tolist() == other.training.pairs.left.tolist()
        assert one.test.targets.tolist() == other.test.targets.tolist()


def test_the_data_depend_only_on_their_seed():
    left = [
        small("digits_pair", **changes).training.pairs.left.tolist()
        for changes in ({}, {"test_per_pair": 2}, {"data_seed": 1})
    ]
    assert left[0] == left[1]
    assert set(left[0]) != set(left[2])


def test_digits_with_a_gap_are_one_image():
    pairs, beside = small("digits_pair"), small("digits_pair", gap=3)
    assert (beside.input_shape, beside.image_shape, beside.n_inputs) == ((1, 8, 19), None, 152)
    assert beside.training.targets.tolist() == pairs.training.targets.tolist()
    left, right = pixels_in(pairs.training, 7)
    image = beside.training.inputs[7].reshape(8, 19) * 16
    assert image[:, :8].tolist() == left.tolist()
    assert image[:, 11:].tolist() == right.tolist()
    assert not image[:, 8:11].any()
    hierarchy = beside.expected_hierarchy(2)
    halves = [{index % 19 for index in hierarchy.nodes[side]["inputs"]} for side in "LR"]
    assert halves == [set(range(10)), set(range(10, 19))]
    assert beside.title == "digits_pair source=digits per_pair=3 gap=3"


def test_without_a_gap_nothing_has_changed():
    before, now = small("digits_pair"), small("digits_pair", gap=0)
    assert before is now
    assert (now.title, now.input_shape) == ("digits_pair source=digits per_pair=3", ())


def test_channels_are_the_digits_of_a_pair():
    pairs, channels = small("digits_pair"), small("digits_channels")
    assert channels.input_shape == (2, 8, 8)
    for of_pairs, of_channels in ((pairs.training, channels.training), (pairs.test, channels.test)):
        assert of_channels.targets.tolist() == of_pairs.targets.tolist()
        left, right = pixels_in(of_pairs, 5)
        row = of_channels.inputs[5].reshape(2, 8, 8)
        assert (row[0] * 16).tolist() == left.tolist()
        assert (row[1] * 16).tolist() == right.tolist()


def test_a_channel_is_one_input_of_the_hierarchy():
    task = small("digits_channels")
    by_unit, flat = task.expected_hierarchy(2, by_unit=True), task.expected_hierarchy(2)
    assert dict(by_unit.nodes(data="inputs")) == {"first": (0,), "second": (1,)}
    assert dict(flat.nodes(data="inputs")) == {"first": LEFT, "second": RIGHT}
    assert dict(by_unit.nodes(data="outputs")) == dict(flat.nodes(data="outputs"))
    assert not by_unit.edges


LEFT, RIGHT = tuple(range(64)), tuple(range(64, 128))


@pytest.mark.parametrize(
    ("name", "nodes", "edges", "min_width", "further_criteria"),
    [
        # two separate modules
        ("digits_pair", {"L": (LEFT, tuple(range(10))), "R": (RIGHT, tuple(range(10, 20)))}, set(), 2, []),
        # the bits share a module between them and the digits
        (
            "digits_xor",
            {"L": (LEFT, ()), "R": (RIGHT, ()), "I": ((), ()), **{f"y{bit}": ((), (bit,)) for bit in range(3)}},
            {("L", "I"), ("R", "I"), ("I", "y0"), ("I", "y1"), ("I", "y2")},
            *(1, ["middle_layer_separability"]),
        ),
    ],
)
def test_the_hierarchy_at_every_depth(name, nodes, edges, min_width, further_criteria):
    task = small(name)
    for layers in (1, 2, 5):
        hierarchy = task.expected_hierarchy(layers)
        assert {name: (node["inputs"], node["outputs"]) for name, node in hierarchy.nodes(data=True)} == nodes
        assert set(hierarchy.edges) == edges
    assert task.min_width() == min_width
    assert criteria_of(task) == [
        "exact",
        "relation",
        "refines",
        "input_separability",
        "output_sub_functions",
        *further_criteria,
    ]


@pytest.mark.parametrize("name", VISION)
def test_pixels_may_be_pruned_and_are_not_bits(name):
    assert small(name).graph.ignore_pruned_inputs
    assert not small(name).inputs_are_bits


def test_the_title_leaves_out_details_of_the_data():
    assert small("mnist_xor").title == "mnist_xor source=digits per_pair=3"


def test_the_memory_is_logged_once(caplog):
    parameters = {**SMALL, "data_seed": 77}
    with caplog.at_level(logging.INFO, logger="neural_sculpting.tasks.vision"):
        build_task("digits_xor", **parameters)
        build_task("digits_xor", **parameters)
    [line] = caplog.messages
    # 1,797 images of 64 pixels and a label of 8 bytes; 384 pairs of 2 x 8 bytes with 3 x 4 bytes of targets
    assert line == (
        "pairs of images from digits: 0.1 MB (0.1 MB images + 0.0 MB pairs + 0.0 MB targets); "
        "composed pairs would take 0.2 MB"
    )


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("source", "", SOURCES),
        ("per_pair", 0, "an integer from 1 to 10000"),
        ("validation_per_pair", "many", "an integer from 1 to 10000"),
        ("test_per_pair", -1, "an integer from 1 to 10000"),
        ("data_seed", 2**32, "an integer from 0 to 4294967295"),
    ],
)
def test_wrong_parameters_are_refused(key, value, allowed):
    assert message_of(build_task, "mnist_xor", **{**SMALL, key: value}) == f"task.{key}={value!r}: must be {allowed}"


def test_a_missing_folder_is_reported(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = f"task.source=data/mnist: no such folder in {tmp_path}; must be {SOURCES}"
    assert message_of(small, "mnist_pair", source="data/mnist") == found


@pytest.mark.skipif(not MNIST.is_dir(), reason=f"no MNIST files in {MNIST}")
def test_mnist_at_the_papers_size():
    parameters = {"per_pair": 800, "validation_per_pair": 200, "test_per_pair": 200}
    task = build_task("mnist_xor", **{**SMALL, **parameters, "source": str(MNIST)})
    assert (task.n_inputs, task.image_shape) == (1568, (28, 28))
    assert [len(examples) for examples in (task.training, task.validation, task.test)] == [51_200, 12_800, 12_800]
    own_test = task.training.images.own_test
    assert own_test[sorted(images_in(task.test))].all()
    assert not own_test[sorted(images_in(task.training) | images_in(task.validation))].any()
    assert task.expected_hierarchy(2).nodes["R"]["inputs"] == tuple(range(784, 1568))
