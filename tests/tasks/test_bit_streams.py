from functools import cache

import numpy as np
import pytest

from neural_sculpting.tasks import Task, build_task

STREAMS = ["streams_sep", "streams_hier", "streams_lag"]


@cache
def task(name: str, split_seed: int = 0) -> Task:
    return build_task(name, split_seed=split_seed)


def tokens(inputs: np.ndarray, streams: int) -> np.ndarray:
    """Bits ``(row, token, stream)``."""
    return (inputs.reshape(len(inputs), -1, streams) > 0).astype(int)


def expected(name: str, bits: np.ndarray) -> np.ndarray:
    """Targets ``(row, position, output)``, token by token in plain arithmetic."""
    lag = 2 if name == "streams_lag" else 1
    rows = []
    for row in bits.tolist():
        outputs = []
        for t in range(lag, len(row)):
            now, before = row[t], row[t - 1]
            parity, both = (now[0] + before[0]) % 2, now[1] * before[1]
            outputs.append(
                {
                    "streams_sep": [parity, (now[1] + before[1]) % 2],
                    "streams_hier": [int(parity or both), int(parity and not both)],
                    "streams_lag": [parity, both, (now[-1] + row[t - 2][-1]) % 2],
                }[name]
            )
        rows.append(outputs)
    return np.array(rows)


@pytest.mark.parametrize(
    ("name", "sizes", "shapes"),
    [
        ("streams_sep", (3072, 512, 512), ((6, 2), (5, 2))),
        ("streams_hier", (3072, 512, 512), ((6, 2), (5, 2))),
        ("streams_lag", (9216, 1536, 1536), ((6, 3), (4, 3))),
    ],
)
def test_sizes_and_shapes(name, sizes, shapes):
    found = task(name)
    assert (found.sizes, (found.input_shape, found.output_shape)) == (sizes, shapes)
    assert set(np.unique(found.training.inputs)) == {-1, 1}
    assert (found.training.inputs.dtype, found.training.targets.dtype) == (np.float32, np.float32)
    assert (len(found.longer), found.longer.n_inputs) == (1024, 8 * shapes[0][1])
    assert found.title == name


@pytest.mark.parametrize("name", STREAMS)
def test_targets_look_back_at_earlier_tokens(name):
    found = task(name)
    for examples in (found.training, found.validation, found.test, found.longer):
        wanted = expected(name, tokens(examples.inputs, found.input_shape[1]))
        assert examples.targets.tolist() == wanted.reshape(len(wanted), -1).tolist()


def test_targets_by_hand():
    a, b = [0, 1, 1, 0, 1, 1], [1, 1, 1, 0, 0, 1]
    by_hand = {"streams_sep": [[1, 0], [0, 0], [1, 1], [1, 0], [0, 1]]}  # a: 1 0 1 1 0, b: 0 0 1 0 1
    # u = 1 0 1 1 0 and v = b and the one before = 1 1 0 0 0
    by_hand["streams_hier"] = [[1, 0], [1, 0], [1, 1], [1, 1], [0, 0]]
    row = 2 * np.stack([a, b], axis=1).reshape(-1) - 1
    for name, targets in by_hand.items():
        sets = (task(name).training, task(name).validation, task(name).test)
        [found] = [each.targets[(each.inputs == row).all(axis=1)] for each in sets if (each.inputs == row).all(1).any()]
        assert found.reshape(5, 2).tolist() == targets


@pytest.mark.parametrize("name", STREAMS)
def test_no_sequence_is_in_two_sets(name):
    found = task(name)
    rows = np.vstack([each.inputs for each in (found.training, found.validation, found.test)])
    assert len(np.unique(rows, axis=0)) == len(rows) == (12_288 if name == "streams_lag" else 4096)


def test_the_split_depends_on_its_seed_alone():
    first, second = task("streams_sep").validation.inputs, task("streams_sep", 1).validation.inputs
    assert first.tolist() == task("streams_hier").validation.inputs.tolist()
    assert first.tolist() != second.tolist()


def test_the_hierarchy_by_unit_and_in_flat_terms():
    found = task("streams_hier")
    by_unit, flat = found.expected_hierarchy(2, by_unit=True), found.expected_hierarchy(2)
    assert set(flat.edges) == set(by_unit.edges) == {("U", "y0"), ("U", "y1"), ("V", "y0"), ("V", "y1")}
    assert dict(by_unit.nodes(data="inputs")) == {"U": (0,), "V": (1,), "y0": (), "y1": ()}
    assert dict(flat.nodes(data="inputs"))["V"] == (1, 3, 5, 7, 9, 11)
    assert dict(flat.nodes(data="outputs"))["y1"] == (1, 3, 5, 7, 9)
    assert dict(by_unit.nodes(data="outputs"))["y1"] == (1,)
    assert (found.input_names, found.output_names) == (("a", "b"), ("y0", "y1"))
    assert found.flat_input_names[:3] == ("a.0", "b.0", "a.1")
    assert not set(task("streams_lag").expected_hierarchy(1).edges)
