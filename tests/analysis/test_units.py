"""Units of modules that are known by their inputs and outputs, worked out by hand."""

import numpy as np
from hierarchy_examples import hierarchy

from neural_sculpting.analysis.units import with_units

TWO = hierarchy({"A": ((0, 1), ()), "B": ((2,), ()), "C": ((), (0,)), "D": ((), (1,))}, "AC BC AD")


def masks(*edges):
    """Three inputs, four and three hidden units and two outputs; edges are written "23": from unit 2 to unit 3."""
    shapes = ((3, 4), (4, 3), (3, 2))
    made = [np.zeros(shape, dtype=bool) for shape in shapes]
    for mask, of in zip(made, edges, strict=True):
        for edge in of.split():
            mask[int(edge[0]), int(edge[1])] = True
    return made


def test_a_unit_belongs_to_the_lowest_module_that_sees_what_it_sees():
    # Unit (1, 0) reads both inputs of A, (1, 1) that of B, (1, 2) is dead, (1, 3) reads one input of A alone. In the
    # next layer, unit 0 joins A and B for output 0, unit 1 relays A to both outputs, unit 2 one input of A to output 1.
    # D sees no more than A, which has the inputs.
    found = with_units(TWO, masks("00 10 21 03", "00 10 01 32", "00 10 11 21"))
    units = dict(found.nodes(data="units"))
    assert units == {"A": ((1, 0), (1, 3), (2, 1), (2, 2)), "B": ((1, 1),), "C": ((2, 0),), "D": ()}


def test_a_unit_of_inputs_that_no_module_sees_belongs_to_none():
    ignored = hierarchy({"A": ((0, 1), (0, 1))})
    found = with_units(ignored, masks("00 20", "00", "00 01"))
    assert dict(found.nodes(data="units")) == {"A": ()}
