import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from neural_sculpting.scoring.success import adjusted_rand_index

LABELS = st.integers(2, 40).flatmap(
    lambda size: st.tuples(*[st.lists(st.integers(0, 5), min_size=size, max_size=size)] * 2)
)


def labels_of(table) -> tuple[np.ndarray, np.ndarray]:
    """Two partitions with this contingency table."""
    table = np.array(table)
    rows, columns = np.indices(table.shape).reshape(2, -1)
    return np.repeat(rows, table.ravel()), np.repeat(columns, table.ravel())


@pytest.mark.parametrize(
    ("table", "index"),
    [
        # Cells 1 + 6 = 7 pairs, rows 1 + 6 + 6 = 13, columns 1 + 3 + 10 = 14, of 45: (7 - 182/45) / (13.5 - 182/45).
        ([[1, 1, 0], [1, 2, 1], [0, 0, 4]], 266 / 851),
        # One of eight things strays: cells 6 + 3, rows 10 + 3, columns 6 + 6, of 28: (9 - 156/28) / (12.5 - 156/28).
        ([[4, 1], [0, 3]], 48 / 97),
        # Two halves crossed: no pair is kept together: (0 - 4/6) / (2 - 4/6).
        ([[1, 1], [1, 1]], -1 / 2),
        # Everything in one part tells nothing of two halves.
        ([[2, 2]], 0),
        # Nor does everything for itself.
        ([[1, 0], [1, 0], [0, 1], [0, 1]], 0),
        ([[4]], 1),
        ([[1, 0], [0, 1]], 1),
        ([[1]], 1),
    ],
)
def test_contingency_tables_worked_out_by_hand(table, index):
    one, other = labels_of(table)
    assert adjusted_rand_index(one, other) == pytest.approx(index)
    assert adjusted_rand_index(other, one) == pytest.approx(index)


@given(labels=LABELS)
def test_it_is_that_of_scikit_learn(labels):
    assert adjusted_rand_index(*labels) == pytest.approx(adjusted_rand_score(*labels))


@given(labels=st.lists(st.integers(0, 5), min_size=1, max_size=30), names=st.permutations(range(6)))
def test_names_of_parts_do_not_matter(labels, names):
    assert adjusted_rand_index(labels, [names[label] for label in labels]) == 1
