import pytest
import torch
import type_checks
from jaxtyping import TypeCheckError

from neural_sculpting.networks.draws import EpochDraws
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.network import Networks, forward
from neural_sculpting.pruning.schedule import start, target
from neural_sculpting.pruning.select import percentile
from neural_sculpting.training.metrics import correct_bits

LAYOUT = Layout((2, 2, 1))
PARAMETERS = torch.zeros(3, LAYOUT.parameters)
TWO, THREE = torch.zeros(2, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: percentile(torch.zeros(3, 5), TWO),  # one percentage for each network
        lambda: forward(PARAMETERS, LAYOUT, torch.zeros(2, 4, 2)),  # rows for two of three networks
        lambda: forward(PARAMETERS, LAYOUT, torch.zeros(4, 2)),  # no network axis
        lambda: correct_bits(torch.zeros(3, 4, 2), torch.zeros(3, 4, 1)),  # broadcasting would hide it
        lambda: Networks(PARAMETERS, torch.ones(3, LAYOUT.parameters), *5 * [THREE]),  # masks are Boolean
        lambda: Networks(PARAMETERS, PARAMETERS > 0, *4 * [THREE], TWO),
        lambda: start(torch.zeros(3, 1), 4.0),
        lambda: target(LAYOUT),
        lambda: EpochDraws(torch.zeros(2, 3), None),  # an order is of whole numbers
    ],
)
def test_shapes_and_kinds_are_checked_while_tests_run(mistake):
    """If none of these fails, the hook in conftest.py came too late."""
    with pytest.raises(TypeCheckError):
        mistake()


def test_the_first_calls_in_each_test_are_checked():
    right, wrong = (torch.zeros(3, 5), THREE), (torch.zeros(3, 5), TWO)
    for _ in range(type_checks.FIRST):
        percentile(*right)
    percentile(*wrong)  # torch does not complain
    type_checks.check_anew()
    with pytest.raises(TypeCheckError):
        percentile(*wrong)
