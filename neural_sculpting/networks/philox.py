"""Random numbers by their index: the counter-based generator Philox 4x32-10, and normal numbers by Box and Muller.

Each number is a function of its key and its counter alone, so that a batch draws what a network alone would draw, and
only what it needs. The kernel, ``native/round.cpp``, computes the same numbers to the bit: every operation below is
rounded as written, and the polynomials are those of Cephes (Moshier 1992), in single precision.

References: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"; Box & Muller 1958.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]
Floats = NDArray[np.float32]
Four = tuple[Words, Words, Words, Words]

MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
INCREMENTS = np.array([0x9E3779B9, 0xBB67AE85], dtype=np.uint64)
ROUNDS = 10

ROOT_HALF = 0x3F3504F3
"""The bits of √½."""

LOGARITHM = (
    *(7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1),
    *(-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1),
)
SINE = (-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
COSINE = (2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)


def philox(counters: Sequence[Words], keys: Words) -> Four:
    """Return the four words of each counter, ``(key, counter)`` each.

    Args:
        counters: the four words of the counters, ``(counter,)`` each.
        keys: ``(key, 2)``.
    """
    a, b, c, d = (np.broadcast_to(each, (len(keys), *each.shape)) for each in counters)
    for number in range(ROUNDS):
        first, second = (keys + number * INCREMENTS).astype(np.uint32).T[..., np.newaxis]
        left, right = np.multiply(a, MULTIPLIERS[0]), np.multiply(c, MULTIPLIERS[1])
        a, b = _high(right) ^ b ^ first, right.astype(np.uint32)
        c, d = _high(left) ^ d ^ second, left.astype(np.uint32)
    return a, b, c, d


def normals(words: Four) -> tuple[Floats, Floats, Floats, Floats]:
    """Turn four words into four standard normal numbers, each pair of words into two."""
    return *_pair(words[0], words[1]), *_pair(words[2], words[3])


def _pair(first: Words, second: Words) -> tuple[Floats, Floats]:
    """A point in the first quadrant, by its radius and its angle, and its signs: those bits of the second word."""
    uniform = ((first >> 9).astype(np.float32) + np.float32(0.5)) * np.float32(2**-23)  # neither 0 nor 1
    radius = np.sqrt(-_logarithm(uniform))  # over √2: the other factor of sine and cosine is √2 too large
    turn = (second & 0xFFFFFF).astype(np.float32) * np.float32(2**-24) - np.float32(0.5)
    x = turn * np.float32(1.57079633)  # at most π/4; the angle is π/4 more
    square = x * x
    sine = _polynomial(SINE, square) * square * x + x
    cosine = _polynomial(COSINE, square) * square * square - square * np.float32(0.5) + np.float32(1)
    return _signed(radius * (cosine + sine), second), _signed(radius * (cosine - sine), second << np.uint32(1))


def _logarithm(x: Floats) -> Floats:
    """Of positive normal numbers: that of the power of 2, and that of what remains, from √½ to √2."""
    bits = x.view(np.uint32) + np.uint32(0x3F800000 - ROOT_HALF)
    power = (bits >> 23).astype(np.float32) - np.float32(127)
    fraction = ((bits & 0x7FFFFF) + np.uint32(ROOT_HALF)).view(np.float32) - np.float32(1)
    square = fraction * fraction
    total = _polynomial(LOGARITHM, fraction) * fraction * square
    total += power * np.float32(-2.12194440e-4)
    total -= square * np.float32(0.5)
    total += fraction
    total += power * np.float32(0.693359375)
    return total


def _polynomial(coefficients: Sequence[float], x: Floats) -> Floats:
    first, *others = map(np.float32, coefficients)
    total = x * first
    for term in others[:-1]:
        total += term
        total *= x
    total += others[-1]
    return total


def _signed(x: Floats, word: Words) -> Floats:
    """Change the sign where the first bit of the word is set."""
    return (x.view(np.uint32) ^ (word & np.uint32(0x80000000))).view(np.float32)


def _high(product: NDArray[np.uint64]) -> Words:
    return (product >> np.uint64(32)).astype(np.uint32)
