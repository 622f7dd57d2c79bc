"""Where inputs are taken from: a matrix of rows, or the pixels of images of which a row shows two."""

from dataclasses import dataclass

import torch
from torch import Tensor

from neural_sculpting.networks.shapes import Inputs


@dataclass(frozen=True)
class Matrix:
    """Inputs that are written out.

    Attributes:
        values: ``(row, input)``.
    """

    values: Inputs

    @property
    def n_inputs(self) -> int:
        """How many inputs a row has."""
        return self.values.shape[1]

    def only(self, inputs: Tensor) -> "Matrix":
        """Some of the inputs."""
        return Matrix(self.values[:, inputs])

    def to(self, device: torch.device) -> "Matrix":
        """The same on another device."""
        return Matrix(self.values.to(device))


@dataclass(frozen=True)
class Pixels:
    """The pixels of all images, as bytes.

    Attributes:
        left: those that count of an image on the left, ``(image, pixel)``.
        right: likewise on the right; the same tensor where all of them count.
        largest: the value of a pixel that becomes 1.
    """

    left: Tensor
    right: Tensor
    largest: int

    @property
    def n_inputs(self) -> int:
        """How many pixels two images side by side have."""
        return self.left.shape[1] + self.right.shape[1]

    def only(self, inputs: Tensor) -> "Pixels":
        """Some of the pixels."""
        pixels = self.left.shape[1]
        left, right = inputs[inputs < pixels], inputs[inputs >= pixels] - pixels
        return Pixels(self.left[:, left], self.right[:, right], self.largest)

    def to(self, device: torch.device) -> "Pixels":
        """The same on another device."""
        left = self.left.to(device)
        return Pixels(left, left if self.right is self.left else self.right.to(device), self.largest)
