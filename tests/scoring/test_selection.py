import pandas as pd
import pytest

from neural_sculpting.scoring.selection import consensus, finest, select, simplest, sparsest

YES, NO, NA = True, False, pd.NA


def networks(*rows):
    frame = pd.DataFrame(rows, columns=["seed", "status", "edges", "exact", "hidden"])
    frame["hierarchy"] = (~frame["exact"].astype(bool)).astype("Int64")  # 0 where it is the expected one
    frame["hierarchy_size"] = frame["hierarchy"] + 30
    return frame.astype({"exact": "boolean", "hidden": "boolean"})


TRIALS = networks(
    (5, "sculpted", 20, NO, NA),
    (5, "sculpted", 18, NO, NA),  # the first of the sparsest
    (5, "sculpted", 18, YES, NA),
    (5, "sculpted", 19, YES, NA),
    (2, "sculpted", 30, YES, NA),
    (2, "sculpted", 12, YES, NA),
    (7, "sculpted", 11, NO, NA),
    (7, "sculpted", 11, NO, NA),
)


def selected_trials_of(frame, criteria, selection="sparsest"):
    trials = select(frame, criteria, consensus_window=2, simplest_window=2)
    return trials[trials["selection"] == selection].reset_index(drop=True)


def test_the_fewest_edges_of_each_trial():
    assert sparsest(TRIALS).tolist() == [False, True, True, False, False, True, True, True]


def test_the_first_of_the_sparsest_is_selected_and_any_of_them_may_succeed():
    trials = selected_trials_of(TRIALS, ["exact"])
    assert trials["seed"].tolist() == [5, 2, 7]  # in order of appearance
    assert trials["network"].tolist() == [1, 5, 6]
    assert trials["edges"].tolist() == [18, 12, 11]
    assert trials["ties"].tolist() == [2, 1, 2]
    assert trials["exact"].tolist() == [NO, YES, NO]
    assert trials["exact_any_tie"].tolist() == [YES, YES, NO]
    assert (trials["selection"] == "sparsest").all()
    assert trials["exact_any_tie"].dtype == "boolean"


def test_a_criterion_that_does_not_apply_stays_missing():
    trials = selected_trials_of(TRIALS, ["exact", "hidden"])
    assert trials["hidden"].isna().all()
    assert trials["hidden_any_tie"].isna().all()
    assert trials["exact_any_tie"].notna().all()


def test_the_label_of_the_network_is_the_last_column():
    trials = selected_trials_of(TRIALS, ["exact"])
    assert list(trials) == [
        *TRIALS.columns,
        "selection",
        "ties",
        "window_share",
        "exact_any_tie",
        "among",
        "lost",
        "network",
    ]


@pytest.mark.parametrize(
    ("rows", "chosen"),
    [
        # A network that never learned is not selected, though it is sparser by chance.
        ([(0, "never_learned", 5), (0, "sculpted", 40)], [1]),
        ([(0, "never_learned", 192), (0, "never_learned", 192)], [0, 1]),  # unless none learned
        # What was sculpted and could not be analyzed remains selected: a failure is not to be avoided.
        ([(0, "failed", 5), (0, "sculpted", 40)], [0]),
        ([(0, "failed", 5), (0, "sculpted", 5)], [0, 1]),
        ([(0, "failed", 50), (0, "never_learned", 40)], [0]),
        # Each trial is separate.
        ([(0, "never_learned", 9), (1, "sculpted", 8), (1, "never_learned", 7)], [0, 1]),
    ],
)
def test_networks_whose_edges_count(rows, chosen):
    frame = pd.DataFrame(rows, columns=["seed", "status", "edges"])
    assert sparsest(frame).to_numpy().nonzero()[0].tolist() == chosen


VOTES = pd.DataFrame(
    [
        (5, "sculpted", 18, 0),  # seed 5, window 2: 18 to 20; hierarchy 1 has three votes of five
        (5, "sculpted", 20, 1),
        (5, "sculpted", 19, 1),
        (5, "sculpted", 19, 1),
        (5, "sculpted", 18, 2),
        (5, "sculpted", 21, 2),  # outside of the window
        (5, "sculpted", 21, 2),
        (5, "never_learned", 18, 2),
        (2, "sculpted", 31, 3),  # seed 2: one vote each; the sparser one counts
        (2, "sculpted", 30, 4),
        (9, "sculpted", 7, 5),  # seed 9: a single network
    ],
    columns=["seed", "status", "edges", "hierarchy"],
).astype({"hierarchy": "Int64"})


def test_the_consensus_is_the_hierarchy_of_most_networks_within_the_window():
    selected = consensus(VOTES, window=2)
    assert selected["network"].tolist() == [2, 9, 10]  # the first of the sparsest with that hierarchy
    assert selected["window_share"].tolist() == [3 / 5, 1 / 2, 1]


@pytest.mark.parametrize(
    ("window", "network", "window_share"), [(0, 0, 1 / 2), (1, 2, 2 / 4), (2, 2, 3 / 5), (3, 4, 3 / 7)]
)
def test_a_wider_window_has_more_votes(window, network, window_share):
    # Of three against three votes within 3 edges the hierarchy with the sparser network wins: 18 edges against 19.
    row = consensus(VOTES, window).iloc[0]
    assert (row["network"], row["window_share"]) == (network, window_share)


def test_a_trial_has_a_row_for_each_selection_where_there_is_a_choice():
    trials = select(TRIALS, ["exact"], consensus_window=2, simplest_window=2)
    assert trials["selection"].tolist() == ["sparsest"] * 3 + ["consensus"] * 3 + ["simplest"] * 3
    chosen = selected_trials_of(TRIALS, ["exact"], "consensus")
    # Seed 5: two hierarchies with two of four votes each, both down to 18 edges; the first one found.
    assert chosen["network"].tolist() == [1, 5, 6]
    assert chosen["window_share"].tolist() == [1 / 2, 1, 1]
    # Seed 5: its smallest hierarchy is the expected one, whose sparsest network is the third.
    simplest_ones = selected_trials_of(TRIALS, ["exact"], "simplest")
    assert simplest_ones["network"].tolist() == [2, 5, 6]
    assert simplest_ones["window_share"].tolist() == [2 / 4, 1, 1]
    alone = select(TRIALS.drop_duplicates("seed"), ["exact"], consensus_window=2, simplest_window=2)
    assert alone["selection"].tolist() == ["sparsest"] * 3


def test_among_is_whether_any_network_of_the_trial_is_exact():
    assert selected_trials_of(TRIALS, ["exact"])["among"].tolist() == [YES, YES, NO]
    assert selected_trials_of(TRIALS, ["exact"], "consensus")["among"].tolist() == [YES, YES, NO]


SIZES = pd.DataFrame(
    [
        (5, "sculpted", 18, 0, 40),
        (5, "sculpted", 25, 1, 31),
        (5, "sculpted", 24, 1, 31),  # the smallest hierarchy in its sparsest network
        (5, "sculpted", 20, 2, 31),  # as small, and sparser
        (5, "never_learned", 15, 3, 9),
        (5, "failed", 17, pd.NA, pd.NA),
        (2, "never_learned", 99, 4, 200),  # none learned: the smallest all the same
        (2, "never_learned", 98, 5, 190),
        (9, "failed", 7, pd.NA, pd.NA),
    ],
    columns=["seed", "status", "edges", "hierarchy", "hierarchy_size"],
).astype({"hierarchy": "Int64", "hierarchy_size": "Int64"})


def test_the_simplest_is_the_smallest_hierarchy_of_those_that_perform_the_task():
    selected = simplest(SIZES, window=8)
    assert selected["network"].tolist() == [3, 7, 8]
    assert selected["window_share"].tolist() == [1 / 5, 1 / 2, 1]
    without = simplest(SIZES.drop(index=3), window=8)
    assert without["network"].tolist() == [2, 7, 8]
    assert without["window_share"].tolist() == [2 / 4, 1 / 2, 1]


@pytest.mark.parametrize(("window", "network", "share"), [(0, 5, 1), (1, 0, 1 / 2), (3, 3, 1 / 3), (7, 3, 1 / 4)])
def test_a_wider_window_finds_smaller_hierarchies(window, network, share):
    row = simplest(SIZES, window).iloc[0]  # the sparsest of seed 5 failed with 17 edges, and has no size
    assert (row["network"], row["window_share"]) == (network, share)


def test_the_finest_has_the_most_modules_of_those_that_perform_the_task():
    modules = SIZES.assign(modules=[3, 5, 4, 5, 9, pd.NA, 1, 2, pd.NA]).astype({"modules": "Int64"})
    assert finest(modules)["network"].tolist() == [3, 7, 8]  # as many modules as network 1, and sparser
    assert finest(modules)["window_share"].isna().all()


def test_the_finest_is_a_choice_only_where_modules_are_confirmed():
    read = TRIALS.assign(modules=[1, 1, 1, 2, 1, 1, 1, 1])
    for reader, selections in (("paper", []), ("confirmed", [3, 5, 6])):
        trials = select(read.assign(reader=reader), ["exact"], consensus_window=2, simplest_window=2)
        assert trials[trials["selection"] == "finest"]["network"].tolist() == selections
