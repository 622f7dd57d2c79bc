"""The generator and its normal numbers against published values and double precision."""

import numpy as np
import pytest
from scipy import stats

from neural_sculpting.networks.philox import normals, philox

WORDS = 2**32
KNOWN = [  # counter, key, words: Random123 (Salmon et al. 2011), kat_vectors
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([WORDS - 1] * 4, [WORDS - 1] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


def test_known_answers():
    """All counters with all keys in one call."""
    counters, keys, expected = (np.array(each, dtype=np.uint32) for each in zip(*KNOWN, strict=True))
    found = np.array(philox(counters.T, keys))
    assert found.shape == (4, 3, 3)  # word, key, counter
    assert found.diagonal(axis1=1, axis2=2).T.tolist() == expected.tolist()


def words_of(count):
    """Random words, among them those of the greatest and the smallest radius and angle, with all signs."""
    first, second = np.random.default_rng(0).integers(WORDS, size=(2, count), dtype=np.uint32)
    first[:24] = np.repeat(np.array([0, 511, 512, WORDS // 2, WORDS - 512, WORDS - 1], dtype=np.uint32), 4)
    second[:24] = [sign << 30 | angle for angle in (0, 1, 2**23 - 1, 2**23, 2**24 - 2, 2**24 - 1) for sign in range(4)]
    return first, second


def test_normal_numbers_are_those_of_double_precision():
    first, second = words_of(200_000)
    radius = np.sqrt(-2 * np.log(((first >> 9) + 0.5) / 2**23))  # 0.0003 to 5.8
    angle = (second % 2**24) / 2**24 * np.pi / 2
    negative = [second >> 31, second >> 30 & 1]
    expected = [radius * of(angle) * (1 - 2.0 * sign) for of, sign in zip((np.sin, np.cos), negative, strict=True)]
    found = normals((first, second, second, first))
    assert {each.dtype for each in found} == {np.dtype(np.float32)}
    for one, other in zip(found, expected, strict=False):
        np.testing.assert_allclose(one, other, rtol=0, atol=7e-7)
    for one, other in zip(found[2:], normals((second, first, first, second)), strict=False):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("varied", range(4))
def test_normal_numbers_of_counters_in_turn_are_standard_normal(varied):
    """Whichever word of the counter counts."""
    counters = [np.full(2**16, 3, dtype=np.uint32)] * 4
    counters[varied] = np.arange(2**16, dtype=np.uint32)
    numbers = np.array(normals(philox(counters, np.array([[1, 2]], dtype=np.uint32)))).reshape(4, -1).astype(float)
    count = numbers.size
    assert abs(numbers.mean()) < 4 / count**0.5
    assert abs(numbers.var() - 1) < 4 * (2 / count) ** 0.5
    assert abs(stats.kurtosis(numbers.ravel())) < 4 * (24 / count) ** 0.5
    assert stats.kstest(numbers.ravel(), "norm").pvalue > 0.001
    np.fill_diagonal(correlations := np.corrcoef(numbers), 0)
    assert np.abs(correlations).max() < 4 / (count / 4) ** 0.5
    assert np.abs(np.corrcoef(numbers[:, 1:].ravel(), numbers[:, :-1].ravel())[0, 1]) < 4 / count**0.5
