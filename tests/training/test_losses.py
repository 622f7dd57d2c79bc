from math import exp, log, log1p

import pytest
import torch
from torch.nn.functional import binary_cross_entropy, mse_loss

from neural_sculpting.training.losses import CrossEntropy, SquaredError

LOGITS = torch.tensor(
    [
        [[3.0, -1.0], [0.5, -2.0]],
        [[-3.0, 1.0], [0.0, 0.0]],
        [[9.0, 9.0], [9.0, 9.0]],
    ]
)
TARGETS = torch.tensor([[1.0, 0.0], [0.0, 0.0]]).expand(3, 2, 2)
OF_TORCH = {
    CrossEntropy(): lambda logits, targets: binary_cross_entropy(torch.sigmoid(logits), targets),
    SquaredError(): mse_loss,
}
each_loss = pytest.mark.parametrize(("loss", "of_torch"), OF_TORCH.items(), ids=["cross entropy", "squared error"])


def random_pair(networks=4, rows=5, outputs=3):
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(networks, rows, outputs, dtype=torch.float64, generator=generator)
    return logits, (torch.rand(networks, rows, outputs, generator=generator) > 0.5).double()


def test_cross_entropy_by_hand():
    by_hand = [
        (log1p(exp(-3)) + log1p(exp(-1)) + log1p(exp(0.5)) + log1p(exp(-2))) / 4,
        (log1p(exp(3)) + log1p(exp(1)) + 2 * log(2)) / 4,
        (log1p(exp(-9)) + 3 * log1p(exp(9))) / 4,
    ]
    assert CrossEntropy().of_each(LOGITS, TARGETS).tolist() == pytest.approx(by_hand, rel=1e-6)
    assert CrossEntropy().summed(LOGITS, TARGETS).item() == pytest.approx(sum(by_hand), rel=1e-6)


def test_squared_error_by_hand():
    # Differences 2, -1, 0.5, -2 with squares 9.25; -4, 1, 0, 0 with squares 17; 8, 9, 9, 9 with squares 307.
    assert SquaredError().of_each(LOGITS, TARGETS).tolist() == [9.25 / 4, 17 / 4, 307 / 4]
    assert SquaredError().summed(LOGITS, TARGETS).item() == 333.25 / 4


@each_loss
def test_losses_agree_with_torchs_own(loss, of_torch):
    logits, targets = random_pair()
    expected = [of_torch(logits[n], targets[n]).item() for n in range(4)]
    assert loss.of_each(logits, targets).tolist() == pytest.approx(expected, rel=1e-12)


@each_loss
def test_the_gradient_of_a_network_is_that_of_its_own_loss(loss, of_torch):
    logits, targets = random_pair()
    together = logits.clone().requires_grad_()
    loss.summed(together, targets).backward()
    for network in range(4):
        alone = logits[network].clone().requires_grad_()
        of_torch(alone, targets[network]).backward()
        torch.testing.assert_close(together.grad[network], alone.grad, atol=1e-14, rtol=1e-12)


@each_loss
def test_the_written_out_gradient_is_that_of_autograd(loss, of_torch):
    logits, targets = random_pair()
    leaf = logits.clone().requires_grad_()
    loss.summed(leaf, targets).backward()
    torch.testing.assert_close(loss.gradient(logits, targets), leaf.grad, atol=1e-15, rtol=1e-12)
