"""Hidden units of the modules that a function has confirmed, on networks written down by hand."""

from hierarchy_examples import hierarchy, masks_of
from hypothesis import given
from network_strategies import networks

from neural_sculpting.analysis import condense
from neural_sculpting.analysis.readers import StageGraph
from neural_sculpting.analysis.readers.hidden_units import with_units


def units_of(graph, *masks):
    found = with_units(graph, StageGraph(tuple(masks_of(*masks))))
    return {node: members["units"] for node, members in found.nodes(data=True)}


def test_units_belong_to_cells_to_modules_between_and_to_outputs():
    graph = hierarchy({"A": ([0, 1], []), "c": ([2], []), "d": ([3], []), "M": ([], []), "Y": ([], [0])}, "AM cM MY dY")
    masks = ("100 100 010 001", "10 10 01", "1 1")  # A, c, d; then A with c, and d; the output
    assert units_of(graph, *masks) == {"A": ((1, 0),), "c": ((1, 1),), "d": ((1, 2), (2, 1)), "M": ((2, 0),), "Y": ()}


def test_a_unit_that_reads_two_cells_and_leads_to_several_outputs_is_in_none():
    graph = hierarchy({"A": ([0], []), "B": ([1], []), "X": ([], [0]), "Y": ([], [1])}, "AX BX AY BY")
    assert units_of(graph, "111 111", "11 10 01") == {"A": (), "B": (), "X": ((1, 1),), "Y": ((1, 2),)}


def test_a_unit_that_reads_too_much_belongs_to_the_output_that_it_leads_to():
    # X depends on A alone; what it reads of B cancels.
    graph = hierarchy({"A": ([0], []), "B": ([1], []), "X": ([], [0]), "Y": ([], [1])}, "AX AY BY")
    assert units_of(graph, "10 11", "10 01") == {"A": (), "B": ((1, 1),), "X": ((1, 0),), "Y": ()}
    assert units_of(graph, "11 11", "10 01") == {"A": (), "B": (), "X": ((1, 0),), "Y": ((1, 1),)}


def test_a_module_comes_before_the_output_that_reads_nothing_else():
    names = {"A": ([0], []), "B": ([1], []), "M": ([], []), "X": ([], [0]), "Y": ([], [1])}
    found = units_of(hierarchy(names, "AM BM MX MY"), "101 011", "11 10 11")
    assert found == {"A": ((1, 0),), "B": ((1, 1),), "M": ((1, 2),), "X": (), "Y": ()}
    assert units_of(hierarchy(names, "AM BM MX MY"), "11 11", "10 01")["M"] == ((1, 0), (1, 1))


def test_inputs_of_no_module_do_not_count():
    graph = hierarchy({"A": ([0], []), "B": ([1], []), "Y": ([], [0])}, "AY BY")
    assert units_of(graph, "100 010 111", "1 1 1") == {"A": ((1, 0),), "B": ((1, 1),), "Y": ()}


def test_modules_with_the_same_inputs_below_are_told_apart_by_their_outputs():
    names = {
        "A": ([0], []),
        "B": ([1], []),
        "M": ([], []),
        "N": ([], []),
        "X": ([], [0]),
        "Y": ([], [1]),
        "Z": ([], [2]),
    }
    graph = hierarchy(names, "AM BM AN BN MX MY NY NZ")
    found = units_of(graph, "111 111", "110 011 111")
    assert found["M"] == ((1, 0),)
    assert found["N"] == ((1, 1),)
    assert all((1, 2) not in units for units in found.values())


@given(networks(layers=2))
def test_each_kept_unit_is_in_one_module_at_most(network):
    graph = hierarchy({"A": (range(len(network[0])), []), "Y": ([], range(network[-1].shape[1]))}, "AY")
    found = with_units(graph, StageGraph(tuple(network)))
    units = [unit for _, of in found.nodes(data="units") for unit in of]
    kept = condense(network)
    assert len(units) == len(set(units)) == sum(int(layer.sum()) for layer in kept[1:-1])
    assert "units" not in graph.nodes["A"]
