from math import nan

import pandas as pd

from neural_sculpting.records.tables import best_first

COLUMNS = ["job", "status", "exact", "hierarchy", "edges", "input_agreement", "task"]


def ranked(*rows: tuple[object, ...]) -> list[int]:
    """The jobs of trials, best first."""
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"exact": "boolean", "hierarchy": "Int64"})
    return best_first(frame)["job"].tolist()


def unknown(*trials: tuple[int | None, int], status: str = "sculpted", task: str = "table") -> list[tuple[object, ...]]:
    """Trials of a task of which no hierarchy is known: what they found, and their edges."""
    return [(job, status, None, found, edges, nan, task) for job, (found, edges) in enumerate(trials)]


def test_where_a_hierarchy_is_expected() -> None:
    # Successes, the sparser first, then the earlier job; failures that learned, those that nearly succeeded first, of
    # the others the sparser first; one that was stored without its agreement; one that did not learn.
    assert ranked(
        (0, "never_learned", False, None, 10, 0.0, "t"),
        (1, "sculpted", False, 0, 12, 0.5, "t"),
        (2, "sculpted", True, 1, 30, 1.0, "t"),
        (3, "sculpted", True, 1, 16, 1.0, "t"),
        (4, "sculpted", True, 1, 16, 1.0, "t"),
        (5, "sculpted", False, 0, 11, 0.5, "t"),
        (6, "sculpted", False, 0, 40, 0.9, "t"),
        (7, "sculpted", False, 0, 2, nan, "t"),
    ) == [3, 4, 2, 6, 5, 1, 7, 0]


def test_else_the_hierarchy_of_most_trials_comes_first() -> None:
    assert ranked(*unknown((1, 3), (0, 9), (0, 8), (2, 4), (0, 10))) == [2, 1, 4, 0, 3]


def test_hierarchies_that_as_many_trials_found_are_as_good() -> None:
    assert ranked(*unknown((0, 9), (0, 8), (1, 7), (1, 10))) == [2, 1, 0, 3]


def test_a_number_means_another_hierarchy_in_another_task() -> None:
    first, second, third = unknown((0, 1), (1, 3), (1, 2))
    [other] = unknown((0, 4), task="other")
    assert ranked(first, second, third, (3, *other[1:])) == [2, 1, 0, 3]


def test_what_did_not_learn_has_no_hierarchy_that_counts() -> None:
    constant = unknown((0, 1), (0, 2), status="constant")
    assert ranked(*constant, *((job + 2, *row[1:]) for job, row in enumerate(unknown((1, 9))))) == [2, 0, 1]
