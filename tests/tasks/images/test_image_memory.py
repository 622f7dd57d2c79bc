import numpy as np

from neural_sculpting.tasks.images import Images, Memory, Pairs, Sets, memory_of


def test_memory_is_counted_byte_by_byte():
    images = Images("tiny", np.ones((5, 2, 3), dtype=np.uint8), np.arange(5))
    sets = Sets(*(Pairs(np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int64)) for rows in (4, 2, 1)))
    memory = memory_of(images, sets, n_outputs=3)
    assert memory.images == 5 * 6 + 5 * 8
    assert memory.pairs == 7 * 2 * 8
    assert memory.targets == 7 * 3 * 4
    assert memory.held == 70 + 112 + 84
    assert memory.composed == 7 * 12 * 4
    with_split = Images("tiny", images.images, images.labels, np.arange(5) > 3)
    assert memory_of(with_split, sets, n_outputs=3).images == 70 + 5


def test_memory_is_stated_in_a_line():
    memory = Memory(images=23_000_000, pairs=1_920_000, targets=9_600_000, composed=1_752_640_000)
    assert str(memory) == (
        "34.5 MB held (23.0 MB images + 1.9 MB pairs + 9.6 MB targets); composed pairs would take 1,752.6 MB"
    )
