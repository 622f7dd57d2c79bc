"""Rounds of small networks on CPUs, each in one call of the kernel, and noise for those of larger ones."""

from ctypes import CDLL, byref, c_int64, c_uint32, c_void_p
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import torch

from neural_sculpting.native import structures
from neural_sculpting.networks.draws import Draws, Keys, Noises
from neural_sculpting.networks.examples import Examples, ExampleSets
from neural_sculpting.networks.layout import Numbers, Values, as_perceptron
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.philox import Words
from neural_sculpting.training.engine import Engine


@dataclass(frozen=True)
class NativeEngine(Engine):
    """Trains with the compiled kernel; networks are spread over some threads.

    What a network computes depends on that network alone, to the bit: not on the others, nor on the number of threads.
    """

    kernel: CDLL
    threads: int = 1
    name: ClassVar[str] = "native"
    _prepared: dict[Examples, structures.Examples] = field(init=False, repr=False, compare=False, default_factory=dict)

    def train(self, networks: Networks, examples: ExampleSets, draws: Draws, stream_of: Numbers) -> Networks:
        """Train a round and return each network at its best epoch.

        Raises:
            MemoryError: if there is not enough memory.
        """
        best = Networks.untrained(networks.parameters.clone(memory_format=torch.contiguous_format), networks.masks)
        # Sorted by their edges, as a block computes the units that any of its networks uses.
        trained = structures.Networks.of(best, networks.kept_edges(self.layout).argsort(stable=True))
        accuracy, validation = self.settings.accuracy, examples.validation
        counted = structures.Accuracy.of(accuracy, validation.targets, len(best))
        rows = [self._examples(each) for each in (examples.training, validation)]
        settings = structures.Settings.of(
            as_perceptron(self.layout, "trainer.engine=native"), self.settings, len(examples.training), self.threads
        )
        self._call("train_round", settings, trained, *rows, structures.Draws.of(draws, stream_of), counted)
        best.accuracy = counted.share(accuracy, validation.targets).where(best.loss.isfinite(), best.accuracy)
        if examples.test is None:
            return best
        return best.with_test_accuracies(self._measured(settings, trained, examples.test))

    def _measured(self, settings: structures.Settings, trained: structures.Networks, test: Examples) -> list[Values]:
        reported = self.settings.accuracy.reported
        counted = [structures.Accuracy.of(each, test.targets, trained.count) for each in reported]
        measures = (structures.Accuracy * len(counted))(*counted)
        self._call("evaluate", settings, trained, self._examples(test), len(counted), measures)
        return [each.share(accuracy, test.targets) for each, accuracy in zip(counted, reported, strict=True)]

    def _examples(self, examples: Examples) -> structures.Examples:
        """Prepare a set once for all rounds."""
        if examples not in self._prepared:
            one_hot = self.settings.accuracy.one_hot
            self._prepared[examples] = structures.Examples.of(examples, self.settings.loss, one_hot)
        return self._prepared[examples]

    def _call(self, function: str, *arguments: object) -> None:
        passed = [byref(each) if isinstance(each, structures.Structure) else each for each in arguments]
        if not getattr(self.kernel, function)(*passed):
            raise MemoryError


@dataclass(frozen=True)
class NativeNormals:
    """Normal numbers from the kernel: those of :func:`~neural_sculpting.networks.draws.normal_numbers`, to the bit."""

    kernel: CDLL

    def __call__(self, keys: Keys, attempt: int, epochs: Words, blocks: Words, inputs: Words) -> Noises:
        """Compute them, ``(stream, epoch, row, input)``."""
        drawn = torch.empty(len(keys), len(epochs), 4 * len(blocks), len(inputs))
        passed: list[object] = []
        for each in map(np.ascontiguousarray, (keys, epochs, blocks, inputs)):
            passed += [c_void_p(each.ctypes.data), c_int64(len(each))]
        self.kernel.draw_normals(*passed, c_uint32(attempt), c_void_p(drawn.data_ptr()))
        return drawn
