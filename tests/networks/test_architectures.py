"""Convolutional networks and transformers beside plain torch, and what every architecture promises."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import conv2d, linear, max_pool2d, scaled_dot_product_attention

from neural_sculpting.config.schemas import ArchConfig
from neural_sculpting.errors import UserError
from neural_sculpting.networks.architectures import architecture_of
from neural_sculpting.networks.cnn import Cnn
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.matrices import MatrixArchitecture, Shapes
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.residual import Residual
from neural_sculpting.networks.streams import start_parameters
from neural_sculpting.tasks.units import over_tokens
from neural_sculpting.training.perceptrons import StackedNetworks

SEQUENCE = Shapes(10, 8, (5, 2), (4, 2), over_tokens(5, 2), over_tokens(4, 2))
BY_POSITION = Shapes(4, 2, (2, 2), (1, 2), ((0, 1), (2, 3)))
CHANNELS = Shapes(128, 6, (2, 8, 8), (), (tuple(range(64)), tuple(range(64, 128))))
ARCHITECTURES: dict[str, MatrixArchitecture] = {
    "cnn": Cnn(CHANNELS, (3, 4), 3, (5,)),
    "cnn by position": Cnn(Shapes(48, 6, (1, 4, 12)), (3,), 3, (5, 4)),
    "residual": Residual(Shapes(6, 3), 2, 8, 7),
    "transformer": Residual(SEQUENCE, 2, 8, 7, 2),
    "absolute": Residual(SEQUENCE, 1, 8, 7, 4, causal=False, positions="absolute"),
    "both ways": Residual(SEQUENCE, 1, 8, 7, 2, causal=False),
}
every_architecture = pytest.mark.parametrize("arch", ARCHITECTURES.values(), ids=ARCHITECTURES)


def random_rows(arch: MatrixArchitecture, networks: int, rows: int = 32) -> Tensor:
    return torch.randn(networks, rows, arch.inputs, generator=torch.Generator().manual_seed(1))


def with_biases(arch: MatrixArchitecture, networks: int) -> Tensor:
    parameters = start_parameters([*range(networks)], arch)
    parameters[:, arch.edges :] = torch.randn(networks, arch.parameters - arch.edges)
    return parameters


def test_convolutions_are_those_of_torch():
    arch = ARCHITECTURES["cnn"]
    parameters, rows = with_biases(arch, 2), random_rows(arch, 2)
    weights, biases = arch.split(parameters)
    for network in range(2):
        values = rows[network].view(-1, 2, 8, 8)
        for depth, (channels, below) in enumerate(((3, 2), (4, 3))):
            kernel = weights[f"kernels{depth}"][network].view(below, 3, 3, channels).permute(3, 0, 1, 2)
            values = max_pool2d(conv2d(values, kernel, biases[f"kernels{depth}"][network, 0], padding=1).relu(), 2)
        values = linear(values.flatten(1), weights["dense0"][network].mT, biases["dense0"][network, 0]).relu()
        expected = linear(values, weights["readout"][network].mT, biases["readout"][network, 0])
        torch.testing.assert_close(arch.logits(parameters, rows)[network], expected)


def test_attention_is_that_of_torch():
    arch = Residual(SEQUENCE, 1, 8, 7, 2)
    parameters, rows = with_biases(arch, 2), random_rows(arch, 2)
    weights, biases = arch.split(parameters)
    lag = torch.arange(5)[:, None] - torch.arange(5)
    for network in range(2):

        def of(name: str, values: Tensor, network: int = network) -> Tensor:
            bias = biases[name][network, 0] if name in biases else None
            return linear(values, weights[name][network].mT, bias)

        stream = of("embed", rows[network].view(-1, 5, 2))
        query, key, value = (
            of(name, stream).view(-1, 5, 2, 4).transpose(1, 2) for name in ("query0", "key0", "value0")
        )
        preference = weights["lags0"][network][lag.clamp(min=0)].permute(2, 0, 1).masked_fill(lag < 0, -torch.inf)
        moved = scaled_dot_product_attention(query, key, value, attn_mask=preference)
        stream = stream + of("merge0", moved.transpose(1, 2).flatten(2))
        stream = stream + of("down0", of("up0", stream).relu())
        expected = of("readout", stream)[:, 1:].flatten(1)
        torch.testing.assert_close(arch.logits(parameters, rows)[network], expected)


def test_each_position_sees_what_came_before_wherever_the_sequence_begins():
    arch = ARCHITECTURES["transformer"]
    parameters, rows = with_biases(arch, 1), random_rows(arch, 1)
    longer = torch.cat([rows, torch.randn(1, 32, 4)], dim=2)
    assert arch.logits(parameters, longer).shape == (1, 32, 12)  # of all but the first token
    changed = torch.cat([longer[:, :, :-2], torch.randn(1, 32, 2)], dim=2)
    one, other = (arch.logits(parameters, each) for each in (longer, changed))
    assert torch.equal(one[:, :, :10], other[:, :, :10])
    assert not torch.equal(one, other)


@every_architecture
def test_a_unit_without_edges_is_one_behind_a_closed_gate(arch):
    parameters, rows = start_parameters([0], arch), random_rows(arch, 1)
    for unit in range(arch.hidden_units):
        chosen = torch.zeros(1, arch.hidden_units, dtype=torch.bool)
        chosen[0, unit] = True
        pruned = Networks.untrained(parameters).without(arch.edges_of_units(chosen), arch)
        assert not arch.units_kept(pruned.masks)[0, unit]
        gates = (~chosen).float()[:, None].repeat(1, rows.shape[1], 1)
        torch.testing.assert_close(
            arch.logits(pruned.parameters, rows), arch.forward(parameters, rows, arch.gated(gates))
        )


@every_architecture
def test_sensitivity_is_what_a_gate_changes(arch):
    """The difference quotient of a row's loss, by a gate that is a little open or closed; in double precision."""
    parameters, rows = with_biases(arch, 1).double(), random_rows(arch, 1, rows=1).double()
    found = arch.sensitivity(parameters, rows, lambda logits: logits.square().sum())
    for unit in range(arch.hidden_units):
        ends = []
        for step in (-1e-6, 1e-6):
            gates = torch.ones(1, 1, arch.hidden_units, dtype=torch.float64)
            gates[..., unit] += step
            ends.append(float(arch.forward(parameters, rows, arch.gated(gates)).square().sum()))
        assert float(found[0, unit]) == pytest.approx(abs(ends[1] - ends[0]) / 2e-6, rel=1e-3, abs=1e-5)


@every_architecture
def test_an_output_depends_on_nothing_that_the_graph_does_not_lead_to_it(arch):
    random = np.random.default_rng(0)
    parameters, rows = with_biases(arch, 1), random_rows(arch, 1)
    seen = 0
    for share in (0.1, 0.2, 0.4):
        edges = torch.from_numpy(random.random((1, arch.edges)) > share)
        pruned = Networks.untrained(parameters).without(edges, arch)
        reached = np.eye(arch.layers[0], dtype=bool)
        for mask in arch.stage_masks(pruned.masks[0, : arch.edges].numpy()):
            reached = reached.astype(int) @ mask.astype(int) > 0
        inputs = arch.task.input_units or [(each,) for each in range(arch.inputs)]
        outputs = arch.task.output_units or [(each,) for each in range(arch.outputs)]
        before = arch.logits(pruned.parameters, rows)
        for unit, members in enumerate(inputs):
            changed = rows.clone()
            changed[:, :, list(members)] = torch.randn(1, 32, len(members))
            differs = (arch.logits(pruned.parameters, changed) != before)[0].any(dim=0)
            depends = np.array([bool(differs[list(each)].any()) for each in outputs])
            assert not (depends & ~reached[unit]).any()
            seen += int(depends.sum())
    assert seen > 0


@every_architecture
def test_alone_and_in_company_the_bits_are_equal(arch):
    parameters, rows = start_parameters([*range(5)], arch), random_rows(arch, 5)

    def trained(which: slice) -> Tensor:
        networks = StackedNetworks(parameters[which], arch)
        networks.differentiate(rows[which], lambda logits: logits / 100)
        return torch.cat([networks.parameters.grad, networks.logits(rows[which]).flatten(1)], dim=1)

    everybody = trained(slice(0, 5))
    for network in range(5):
        assert torch.equal(trained(slice(network, network + 1))[0], everybody[network])


@every_architecture
def test_every_edge_is_in_a_group_of_its_matrix_and_norms_are_of_what_enters(arch):
    assert (np.unique(arch.groups) == np.arange(arch.n_groups)).all()
    parameters = start_parameters([0], arch)
    first, squares = arch.weights[0], parameters.square()[0, : arch.edges]
    [(kind, each)] = first.targets
    alone = torch.zeros_like(parameters)
    alone[0, : first.shape[0] * first.shape[1]] = parameters[0, : first.shape[0] * first.shape[1]]
    found = arch.by_kind(arch.incoming_norm(alone))[kind][0]
    expected = squares[: first.shape[0] * first.shape[1]].view(first.shape).sum(dim=0).view(-1, each).sum(dim=1).sqrt()
    torch.testing.assert_close(found, expected)


def test_a_kernel_is_a_group_and_a_stage_between_channels():
    arch = ARCHITECTURES["cnn"]
    assert arch.n_groups == 2 * 3 + 3 * 4 + 4 * 5 + 5 * 6
    assert arch.layers == (2, 3, 4, 5, 6)
    edges = np.zeros(arch.edges, dtype=bool)
    edges[9 * 3] = True  # the first place of the kernel from channel 1 to channel 0
    assert [mask.sum() for mask in arch.stage_masks(edges)] == [1, 0, 0, 0]
    assert arch.stage_masks(edges)[0][1, 0]


@every_architecture
def test_every_node_of_the_hidden_stages_has_its_unit(arch):
    assert tuple(map(len, arch.nodes)) == arch.layers[1:-1]
    known = {(kind, number) for kind, size in arch.units.items() for number in range(size)}
    assert {node for stage in arch.nodes for node in stage} == known


def test_a_head_has_a_node_for_its_pattern():
    arch = Residual(SEQUENCE, 1, 4, 3, 2)
    assert arch.layers == (2, 4, 2 + 4, 4 + 4, 4, 3 + 4, 4, 2)
    weights, _ = arch.split(torch.zeros(1, arch.parameters, dtype=torch.bool))
    weights["query0"][0, 3, 2] = True  # from channel 3 of the stream to the second head
    edges = torch.cat([each.flatten() for each in weights.values()]).numpy()
    routing, values = arch.stage_masks(edges)[1:3]
    assert np.argwhere(routing[:, :2]).tolist() == [[3, 1]]
    assert np.argwhere(values[:2]).tolist() == [[0, 0], [0, 1], [1, 2], [1, 3]]
    assert (routing[:, 2:] == np.eye(4)).all()


@pytest.mark.parametrize(
    ("arch", "task", "message"),
    [
        ({"name": "transformer", "heads": 4, "width": 8}, Shapes(4, 2), "needs sequences of tokens"),
        ({"name": "transformer", "heads": 4, "width": 8}, BY_POSITION, "divides the tokens"),
        ({"name": "transformer", "heads": 3, "width": 8}, SEQUENCE, "arch.heads=3: must divide arch.width=8"),
        ({"name": "cnn", "channels": [2], "kernel": 3, "dense": []}, SEQUENCE, "needs images"),
        ({"name": "cnn", "channels": [2], "kernel": 2, "dense": [3]}, CHANNELS, "arch.kernel=2: must be odd"),
        ({"name": "cnn", "channels": [1, 1, 1, 1], "kernel": 3, "dense": [3]}, CHANNELS, "halved so often"),
        ({"name": "neural_sculpting.networks.architectures.POOLED.real"}, CHANNELS, "arch.name="),
    ],
)
def test_what_does_not_fit_is_one_line(arch, task, message):
    with pytest.raises(UserError, match=message):
        architecture_of(ArchConfig.model_validate(arch), task)


def small(task: Shapes, size: int) -> Layout:
    """An own architecture."""
    return Layout((task.n_inputs, size, task.n_outputs))


def test_an_own_architecture_is_found_by_its_path():
    arch = ArchConfig(name=f"{__name__}.small", own={"size": 3})
    assert architecture_of(arch, Shapes(4, 2)) == Layout((4, 3, 2))
