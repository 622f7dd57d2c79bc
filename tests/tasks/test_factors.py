from functools import cache

import numpy as np

from neural_sculpting.tasks import Table, Task, build_task
from neural_sculpting.tasks.factors import shapes


@cache
def task(data_seed: int = 0) -> Task:
    counts = {"per_combination": 20, "validation_per_combination": 5, "test_per_combination": 4}
    return build_task("factors", **counts, data_seed=data_seed)


def images(examples: Table) -> np.ndarray:
    return examples.inputs.reshape(-1, 3, 16, 16)


def figures(examples: Table) -> list[tuple[tuple[int, int], list[list[int]]]]:
    """Where the figure of each image is, and its pixels; noise is far below a half."""
    found = []
    for image in images(examples).max(axis=1) > 0.5:
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        part = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        found.append(((int(rows[0]), int(columns[0])), part.astype(int).tolist()))
    return found


def test_shapes_by_hand():
    drawn = {name: ["".join(".#"[pixel] for pixel in row) for row in mask.tolist()] for name, mask in shapes().items()}
    assert drawn["square"] == ["#######"] * 7
    assert drawn["disc"] == ["..###..", ".#####.", *["#######"] * 3, ".#####.", "..###.."]
    assert drawn["triangle"] == ["...#...", "...#...", "..###..", "..###..", ".#####.", ".#####.", "#######"]
    assert drawn["cross"] == [*["..###.."] * 2, *["#######"] * 3, *["..###.."] * 2]


def test_targets_are_what_the_image_shows():
    channels = {(1, 0, 0): 0, (0, 1, 0): 1, (0, 0, 1): 2, (1, 1, 0): 3}
    masks = [mask.astype(int).tolist() for mask in shapes().values()]
    for examples in (task().training, task().test):
        colors = [channels[tuple(image.max(axis=(1, 2)) > 0.5)] for image in images(examples)]
        kinds = [masks.index(pixels) for _, pixels in figures(examples)]
        wanted = [
            [*np.eye(4)[kind], *np.eye(4)[color], float(kind == color == 0)]
            for kind, color in zip(kinds, colors, strict=True)
        ]
        assert examples.targets.tolist() == wanted
    assert task().output_names == (
        "square",
        "disc",
        "triangle",
        "cross",
        "red",
        "green",
        "blue",
        "yellow",
        "red square",
    )
    assert (task().one_hot, task().input_shape) == ((4, 4, 1), (3, 16, 16))


def test_each_combination_has_as_many_images():
    assert task().sizes == (320, 80, 64)
    for examples, count in ((task().training, 20), (task().validation, 5), (task().test, 4)):
        _, found = np.unique(examples.targets[:, :8], axis=0, return_counts=True)
        assert found.tolist() == [count] * 16


def test_noise_has_the_stated_deviation():
    clean = images(task().training)[:, 2][task().training.targets[:, 6] == 0]  # blue is only in blue figures
    assert abs(clean.std() - 0.05) < 0.001
    assert abs(clean.mean()) < 0.001


def test_no_figure_is_at_the_same_place_in_two_sets():
    shown = [
        {(place, *row[:8]) for (place, _), row in zip(figures(examples), examples.targets.tolist(), strict=True)}
        for examples in (task().training, task().validation, task().test)
    ]
    assert not shown[0] & shown[1]
    assert not (shown[0] | shown[1]) & shown[2]


def test_images_depend_on_the_seed():
    assert task(1).training.inputs.tolist() != task().training.inputs.tolist()


def test_the_hierarchy_is_judged_by_outputs():
    by_unit = task().expected_hierarchy(2, by_unit=True)
    assert set(by_unit.edges) == {
        *(("image", "shape"), ("image", "color")),
        *(("shape", "red square"), ("color", "red square")),
    }
    assert dict(by_unit.nodes(data="outputs"))["color"] == (4, 5, 6, 7)
    assert task().graph.scored_by == "relation"
    assert task().expected_hierarchy(2).nodes["image"]["inputs"] == tuple(range(768))
