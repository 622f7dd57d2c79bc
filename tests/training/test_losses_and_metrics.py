import pytest
import torch
from sklearn.metrics import balanced_accuracy_score
from sklearn.utils.class_weight import compute_sample_weight
from torch.nn.functional import binary_cross_entropy, mse_loss
from torch.nn.functional import one_hot as one_of

from neural_sculpting.training.losses import BalancedCrossEntropy, CrossEntropy, SquaredError
from neural_sculpting.training.metrics import Accuracy, correct_bits, correct_examples, share

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


def test_a_group_of_one_is_a_bit():
    logits, wanted = ([[2.0, 1, 3], [-1, 3, 1], [-1, 3, 1]], [[1.0, 0, 1], [0, 1, 0], [1, 1, 0]])
    assert correct_examples(torch.tensor([logits]), torch.tensor([wanted]), one_hot=(1, 2)).tolist() == [2]


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
    assert by_bits.share(by_bits.correct(outputs, wanted), wanted[0]).item() == bits / 5
    assert by_examples.share(by_examples.correct(outputs, wanted), wanted[0]).item() == examples


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
    assert accuracy.share(accuracy.correct(outputs, targets), targets[0]).tolist() == [1, 9 / 14, 0]


def test_accuracies_on_a_test_set():
    assert [each.by for each in Accuracy("examples", (3, 2)).reported] == ["bits", "examples", "balanced"]
    assert all(each.one_hot == (3, 2) for each in Accuracy("bits", (3, 2)).reported)
    assert [each.by for each in Accuracy("variance").reported] == ["variance"]


def accuracy_of(accuracy, logits, targets):
    return accuracy.share(accuracy.correct(logits, targets), targets[0]).tolist()


def test_balanced_accuracy_by_hand():
    # Output 0 is 1 in one of four rows, output 1 in three. The networks answer: right; always 0; always 1; and one with
    # recalls of 2/3 and 1 at output 0, of 1 and 1/3 at output 1.
    targets = torch.tensor([[1.0, 1], [0, 1], [0, 1], [0, 0]]).expand(4, 4, 2)
    logits = 2 * targets - 1
    logits = torch.stack([logits[0], -torch.ones(4, 2), torch.ones(4, 2), logits[0]])
    logits[3, 1:3] *= torch.tensor([[-1, -1], [1, -1]])
    assert accuracy_of(Accuracy("balanced"), logits, targets) == [1, 0.5, 0.5, pytest.approx(0.75)]


def test_balanced_accuracy_of_groups_by_hand():
    # A group of three classes with 4, 1 and 0 rows, and a group of one, a bit. Always answering the first class gives
    # recalls of 1 and 0; the class without rows does not count.
    targets = torch.tensor([[1.0, 0, 0, 1], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0]])[None]
    first, right = torch.tensor([[[3.0, 2, 1, -1]]]).expand(1, 5, 4), 2 * targets - 1
    assert accuracy_of(Accuracy("balanced", (3, 1)), first, targets) == [0.5]
    assert accuracy_of(Accuracy("balanced", (3, 1)), right, targets) == [1]
    assert accuracy_of(Accuracy("examples", (3, 1)), first, targets) == [0.6]


@pytest.mark.parametrize("one_hot", [(), (3, 2), (1, 3, 1)])
def test_balanced_accuracy_is_that_of_scikit_learn(one_hot):
    generator = torch.Generator().manual_seed(1)
    sizes = one_hot or (1,) * 5
    codes = torch.stack([torch.randint(max(size, 2), (40,), generator=generator) for size in sizes], dim=1)
    columns = zip(codes.T, sizes, strict=True)
    targets = torch.cat(
        [one_of(code, size).float() if size > 1 else code[:, None].float() for code, size in columns], 1
    )
    logits = torch.randn(3, 40, 5, generator=generator)
    groups = [[group.split(sizes, 1) for group in (*logits, targets)]]
    named = [[(part.argmax(1) if part.shape[1] > 1 else part[:, 0] > 0) for part in parts] for parts in groups[0]]
    expected = [
        sum(balanced_accuracy_score(truth, found) for truth, found in zip(named[-1], one, strict=True)) / len(sizes)
        for one in named[:-1]
    ]
    assert accuracy_of(Accuracy("balanced", one_hot), logits, targets.expand(3, 40, 5)) == pytest.approx(expected)


def test_balanced_weights_by_hand():
    # n / (k n_c): output 0 has 3 zeros and 1 one, so 4 / 6 and 4 / 2; output 1 is 0 in all rows, so 1.
    bits = torch.tensor([[1.0, 0], [0, 0], [0, 0], [0, 0]])
    logits = torch.zeros(1, 4, 2)
    plain = CrossEntropy().elementwise(logits, bits[None])
    weighted = BalancedCrossEntropy(bits).elementwise(logits, bits[None]) / plain
    assert weighted[0].tolist() == [pytest.approx([2, 1]), *[pytest.approx([2 / 3, 1])] * 3]
    # A group of three classes with 3, 1 and 0 rows: 4 / 6 and 4 / 2 at all outputs of the group; then a group of one.
    groups = torch.tensor([[1.0, 0, 0, 1], [1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 1]])
    plain = CrossEntropy().elementwise(torch.zeros(1, 4, 4), groups[None])
    weighted = BalancedCrossEntropy(groups, (3, 1)).elementwise(torch.zeros(1, 4, 4), groups[None]) / plain
    assert weighted[0, 0].tolist() == pytest.approx([2 / 3] * 3 + [1])
    assert weighted[0, 3].tolist() == pytest.approx([2] * 3 + [1])


@pytest.mark.parametrize("one_hot", [(), (2, 1)])
def test_the_gradient_of_the_weighted_loss_is_that_of_autograd(one_hot):
    logits, targets = random_pair()
    loss = BalancedCrossEntropy(targets[0], one_hot)
    leaf = logits.clone().requires_grad_()
    loss.summed(leaf, targets).backward()
    torch.testing.assert_close(loss.gradient(logits, targets), leaf.grad, atol=1e-15, rtol=1e-12)


def test_balanced_weights_are_those_of_scikit_learn():
    targets = (torch.rand(50, 1, generator=torch.Generator().manual_seed(2)) > 0.9).float()
    expected = compute_sample_weight("balanced", targets[:, 0].numpy())
    pair = torch.zeros(1, 50, 1), targets[None]
    weights = BalancedCrossEntropy(targets).elementwise(*pair) / CrossEntropy().elementwise(*pair)
    assert weights.flatten().tolist() == pytest.approx(list(expected))
