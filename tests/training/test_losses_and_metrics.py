import pytest
import torch
from torch.nn.functional import binary_cross_entropy, mse_loss

from neural_sculpting.training.metrics import (
    Accuracy,
    CrossEntropy,
    SquaredError,
    correct_bits,
    correct_examples,
    share,
)

OF_TORCH = {
    CrossEntropy(): lambda logits, targets: binary_cross_entropy(torch.sigmoid(logits), targets),
    SquaredError(): mse_loss,
}
each_loss = pytest.mark.parametrize(("loss", "of_torch"), OF_TORCH.items(), ids=["cross entropy", "squared error"])


def random_pair(networks=4, rows=5, outputs=3):
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(networks, rows, outputs, dtype=torch.float64, generator=generator)
    return logits, (torch.rand(networks, rows, outputs, generator=generator) > 0.5).double()


@each_loss
def test_losses_agree_with_torch(loss, of_torch):
    logits, targets = random_pair()
    expected = [of_torch(logits[n], targets[n]).item() for n in range(4)]
    assert loss.of_each(logits, targets).tolist() == pytest.approx(expected, rel=1e-12)
    assert loss.summed(logits, targets).item() == pytest.approx(sum(expected), rel=1e-12)


@each_loss
def test_the_gradient_of_a_network_is_that_of_its_own_loss(loss, of_torch):
    logits, targets = random_pair()
    together = logits.clone().requires_grad_()
    loss.summed(together, targets).backward()
    torch.testing.assert_close(loss.gradient(logits, targets), together.grad, atol=1e-15, rtol=1e-12)
    for network in range(4):
        alone = logits[network].clone().requires_grad_()
        of_torch(alone, targets[network]).backward()
        torch.testing.assert_close(together.grad[network], alone.grad, atol=1e-14, rtol=1e-12)


def test_correct_bits_and_examples_by_hand():
    # A logit of exactly 0 is a probability of 0.5, not above it: a zero. An example is right when all of its bits are.
    logits = torch.tensor([[[3.0, -1.0], [0.5, -2.0]], [[-3.0, 1.0], [0.0, 0.0]], [[9.0, 9.0], [9.0, 9.0]]])
    targets = torch.tensor([[1.0, 0.0], [0.0, 0.0]]).expand(3, 2, 2)
    assert correct_bits(logits, targets).tolist() == [3, 2, 1]
    assert correct_examples(logits, targets).tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("logits", "bits", "examples"),
    [  # two one-hot groups, of three and of two outputs, with the classes 1 and 0
        ([-3, -1, -2, 5, 4], 3, 1),  # the largest of each group, whatever its sign
        ([-3, 1, 2, 5, 4], 3, 0),  # the first group is wrong
        ([-3, 1, 0, 4, 5], 4, 0),  # the second one
        ([3, 1, 2, 4, 5], 2, 0),
    ],
)
def test_the_class_of_a_one_hot_group_is_its_largest_output(logits, bits, examples):
    outputs, wanted = torch.tensor([[logits]], dtype=torch.float32), torch.tensor([[[0.0, 1, 0, 1, 0]]])
    by_bits, by_examples = Accuracy("bits", (3, 2)), Accuracy("examples", (3, 2))
    assert (by_bits.correct(outputs, wanted).item(), by_bits.number(wanted[0])) == (bits, 5)
    assert (by_examples.correct(outputs, wanted).item(), by_examples.number(wanted[0])) == (examples, 1)


def test_accuracy_of_a_perfect_network_is_exactly_one():
    for bits in (3, 7, 256 * 16):
        targets = torch.arange(bits).remainder(3).eq(0).float().view(1, bits, 1)
        assert share(correct_bits(2 * targets - 1, targets), bits).tolist() == [1.0]


def test_explained_variance_by_hand():
    # Squares of the targets 1 + 4 + 9 = 14. Errors: 0; then 1, 0, 2 with squares 5; answering 0 leaves all of it.
    targets = torch.tensor([[[1.0], [-2.0], [3.0]]]).expand(3, 3, 1)
    outputs = torch.tensor([[[1.0], [-2.0], [3.0]], [[2.0], [-2.0], [1.0]], [[0.0], [0.0], [0.0]]])
    accuracy = Accuracy("variance")
    assert accuracy.correct(outputs, targets).tolist() == [14, 9, 0]
    assert accuracy.number(targets[0]) == 14
    assert share(accuracy.correct(outputs, targets), 14).tolist() == [1, 9 / 14, 0]


def test_accuracies_on_a_test_set():
    assert [each.by for each in Accuracy("examples", (3, 2)).reported] == ["bits", "examples"]
    assert all(each.one_hot == (3, 2) for each in Accuracy("bits", (3, 2)).reported)
    assert [each.by for each in Accuracy("variance").reported] == ["variance"]
