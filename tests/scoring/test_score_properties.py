"""Properties of the score of every hierarchy, of the consensus, and of what is selected."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
from hierarchy_examples import SETTINGS, hierarchy
from hypothesis import given, settings
from hypothesis import strategies as st
from network_strategies import groups_of, networks, orders, orders_of_units, renamed, reordered, separate_sub_functions

from neural_sculpting.analysis import analyze
from neural_sculpting.records.criteria import Success
from neural_sculpting.records.criteria import score as score_of
from neural_sculpting.scoring.consensus import found_hierarchies
from neural_sculpting.scoring.selection import select
from neural_sculpting.scoring.success import Comparison, hidden_unit_separability


def score(masks, found, expected, *, ignore_pruned_inputs=False) -> Success:
    return score_of(Comparison(masks, found, expected, ignore_pruned_inputs))


@given(separate_sub_functions(), st.data())
def test_separate_sub_functions_are_an_exact_success(made, data):
    network, owners = made
    ends = [[np.flatnonzero(layer == part) for part in range(owners[0].max() + 1)] for layer in (owners[0], owners[-1])]
    expected = hierarchy({f"F{part}": members for part, members in enumerate(zip(*ends, strict=True))})
    success = score(network, analyze(network, **SETTINGS), expected)
    assert success.met["exact"]
    assert success.met["hidden_unit_separability"]
    wrong = data.draw(orders(len(owners[0])))
    moved = reordered(network, [wrong, *(np.arange(len(layer)) for layer in owners[1:])])
    other = score(moved, analyze(moved, **SETTINGS), expected)
    assert other.met["exact"] == (owners[0][wrong] == owners[0]).all()
    assert other.met["input_separability"] == (groups_of(owners[0][wrong]) == groups_of(owners[0]))
    assert other.met["output_sub_functions"]
    assert success.met["relation"]
    assert other.met["relation"] == other.met["exact"]


@st.composite
def expected_for(draw, network) -> nx.DiGraph:
    """Any hierarchy over the inputs and outputs of a network; modules without either are between others or alone."""
    labels = [
        np.array(draw(st.lists(st.integers(0, 3), min_size=count, max_size=count)))
        for count in (len(network[0]), network[-1].shape[1])
    ]
    edges = draw(st.lists(st.sampled_from([(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]), unique=True))
    ends = {module: [tuple(np.flatnonzero(of == module).tolist()) for of in labels] for module in range(4)}
    return hierarchy(ends, edges)


@given(networks(most_units=5), st.booleans(), st.data())
def test_names_of_modules_and_the_order_of_hidden_units_do_not_matter(network, ignore_pruned_inputs, data):
    found, expected = analyze(network, **SETTINGS), data.draw(expected_for(network))
    units = data.draw(orders_of_units(network))
    kept = tuple(alive[order] for alive, order in zip(found.kept, units, strict=True))
    moved = replace(found, kept=kept, graph=data.draw(renamed(found.graph)))
    other = data.draw(renamed(expected))
    again = score(reordered(network, units), moved, other, ignore_pruned_inputs=ignore_pruned_inputs)
    assert again == score(network, found, expected, ignore_pruned_inputs=ignore_pruned_inputs)


@given(networks(), st.booleans(), st.data())
def test_an_exact_success_meets_the_other_criteria_and_what_was_found_is_one_against_itself(
    network, ignore_pruned_inputs, data
):
    found = analyze(network, **SETTINGS)
    expected = data.draw(st.one_of(expected_for(network), st.just(found.graph)))
    success = score(network, found, expected, ignore_pruned_inputs=ignore_pruned_inputs)
    assert success.met["exact"] or expected is not found.graph
    assert -1 <= success.input_agreement <= 1
    if success.met["exact"]:
        assert success.met["input_separability"]
        assert success.met["output_sub_functions"]
    if success.met["input_separability"]:
        assert success.input_agreement == 1.0
    if found.kept[0].all():  # there are no pruned inputs to ignore
        assert score(network, found, expected, ignore_pruned_inputs=not ignore_pruned_inputs) == success
    elif not ignore_pruned_inputs and expected is not found.graph:  # which has all inputs
        assert not success.met["input_separability"]


@given(networks(layers=3), st.data())
def test_hidden_units_that_serve_one_group_serve_one_of_any_larger_groups(network, data):
    found, outputs = analyze(network, **SETTINGS), network[-1].shape[1]
    labels = np.array(data.draw(st.lists(st.integers(0, 3), min_size=outputs, max_size=outputs)))

    def separate(groups):
        expected = hierarchy({number: ((), tuple(group)) for number, group in enumerate(groups_of(groups))})
        return hidden_unit_separability(Comparison(network, found, expected))

    assert separate(np.zeros(outputs))
    if separate(labels):
        assert separate(labels // 2)


STATUSES = ("sculpted", "sculpted", "failed", "lost", "never_learned")
ROWS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(STATUSES), st.integers(1, 8), st.integers(0, 3)),
    min_size=1,
    max_size=14,
)


def table(rows) -> pd.DataFrame:
    """Networks in the order of their trials; what failed has no hierarchy. Equal hierarchies have one size."""
    frame = pd.DataFrame(sorted(rows, key=lambda row: row[0]), columns=["seed", "status", "edges", "hierarchy"])
    known = frame["status"] != "failed"
    frame = frame.assign(hierarchy=frame["hierarchy"].astype("Int64").where(known))
    frame["exact"] = (frame["hierarchy"] == 0).fillna(False).astype("boolean")
    return frame.assign(hierarchy_size=20 + frame["hierarchy"] % 2)


def selected_trials(frame: pd.DataFrame) -> pd.DataFrame:
    return select(frame, ["exact"], consensus_window=2, simplest_window=2)


@settings(max_examples=settings().max_examples * 2 // 5)  # pandas takes its time
@given(ROWS)
def test_the_selected_network_of_every_trial_is_the_sparsest_that_counts_or_near_it(rows):
    frame = table(rows)
    learned = ~frame["status"].isin(["never_learned", "lost"])
    counting = frame[learned | ~learned.groupby(frame["seed"]).transform("any")]
    fewest = counting.groupby("seed")["edges"].min()
    chosen = selected_trials(frame)
    sparsest = chosen[chosen["selection"] == "sparsest"].set_index("seed")
    assert sparsest["edges"].tolist() == fewest.tolist()
    for selection, trials in chosen.groupby("selection"):
        assert trials["seed"].tolist() == frame["seed"].drop_duplicates().tolist(), selection
        for trial in trials.itertuples():
            network = counting.loc[trial.network]
            assert (network["seed"], network["edges"]) == (trial.seed, trial.edges)
            assert fewest[trial.seed] <= trial.edges <= fewest[trial.seed] + 2
            if selection != "sparsest":
                assert 0 < trial.window_share <= 1
            if selection == "simplest" and pd.notna(sparsest.loc[trial.seed, "hierarchy_size"]):
                assert network["hierarchy_size"] <= sparsest.loc[trial.seed, "hierarchy_size"]
    assert not (chosen["exact"] & ~chosen["exact_any_tie"]).any()  # what counts strictly counts with any tie
    assert not (chosen["exact_any_tie"] & ~chosen["among"]).any()
    assert (chosen["exact_any_tie"] == chosen["exact"])[chosen["ties"] == 1].all()


@settings(max_examples=settings().max_examples * 3 // 10)  # pandas takes its time
@given(ROWS)
def test_the_selected_network_of_a_trial_does_not_depend_on_other_trials(rows):
    frame = table(rows)
    columns = ["selection", "edges", "ties", "window_share", "exact", "exact_any_tie", "among", "network"]
    together = selected_trials(frame)
    for seed, trial in frame.groupby("seed"):
        alone = selected_trials(trial)[columns].reset_index(drop=True)
        among = together[together["seed"] == seed][columns].reset_index(drop=True)
        # One network alone leaves nothing to select: only the sparsest has a row then.
        pd.testing.assert_frame_equal(alone, among.head(len(alone)))


@given(st.lists(networks(most_layers=3, most_units=2) | st.none(), min_size=1, max_size=8), st.data())
def test_a_consensus_divides_the_trials_and_does_not_depend_on_names(made, data):
    graphs = [network and analyze(network, **SETTINGS).graph for network in made]
    found = found_hierarchies(graphs)
    members = [member for one in found for member in one.members]
    assert sorted(members) == [index for index, graph in enumerate(graphs) if graph is not None]
    assert [one.trials for one in found] == sorted((one.trials for one in found), reverse=True)
    for one in found:
        assert one.trials == len(one.members)
        assert one.low <= one.share <= one.high
        assert one.share == one.trials / len(graphs)
    other = [graph and data.draw(renamed(graph)) for graph in graphs]
    assert [one.members for one in found_hierarchies(other)] == [one.members for one in found]


@given(networks(most_units=5), st.booleans(), st.data())
def test_exact_is_the_relation_and_the_relation_refines_itself(network, ignore_pruned_inputs, data):
    found = analyze(network, **SETTINGS)
    for expected in (found.graph, data.draw(renamed(found.graph)), data.draw(expected_for(network))):
        met = score(network, found, expected, ignore_pruned_inputs=ignore_pruned_inputs).met
        assert met["exact"] <= met["relation"] <= met["refines"]
        assert met["relation"] <= met["input_separability"]
