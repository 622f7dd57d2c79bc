"""The arithmetic limit of a round: its multiplications and additions, at the rate of fused ones in vector registers."""

import ctypes
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from neural_sculpting.native import build
from neural_sculpting.training.module import SculptingModule

STEPS = 2_000_000
"""Of the loop: some hundredths of a second."""

SOURCE = r"""
#ifdef __AVX512F__
constexpr int LANES = 16;
#else
constexpr int LANES = 8;
#endif
constexpr int SUMS = 12;  // independent of each other, more than a processor has under way at once
typedef float Floats __attribute__((vector_size(4 * LANES)));

extern "C" long multiply_add(long steps, float* result) {
  const Floats factor = 0.5f + Floats{}, term = 1.0f + Floats{};
  Floats sums[SUMS] = {};
  for (long step = 0; step < steps; step++)
    for (int i = 0; i < SUMS; i++) sums[i] = sums[i] * factor + term;
  for (int i = 0; i < SUMS; i++)
    for (int lane = 0; lane < LANES; lane++) *result += sums[i][lane];
  return 2 * LANES * SUMS * steps;
}
"""


@dataclass(frozen=True)
class Arithmetic:
    """A loop of fused multiply-adds of float32 that never leave the registers, and its operations, two for each."""

    run: Callable[[], object]
    operations: int

    @classmethod
    def compiled(cls) -> "Arithmetic":
        """Compile the loop with the compiler and the flags of the native engine.

        Raises:
            NoKernelError: if there is no compiler, or it fails.
        """
        compiler = build.find_compiler()
        if compiler is None:
            raise build.NoKernelError(f"there is no C++ compiler ({', '.join(build.COMPILERS)})")
        with tempfile.TemporaryDirectory() as folder:
            library = Path(folder) / "arithmetic.so"
            command = [*compiler, *build.FLAGS, *build.LINKED, "-x", "c++", "-", "-o", str(library)]
            done = subprocess.run(command, input=SOURCE, capture_output=True, text=True)
            if done.returncode:
                raise build.NoKernelError(f"{compiler[0]} failed: {done.stderr}")
            function = ctypes.CDLL(str(library)).multiply_add
        function.restype, function.argtypes = ctypes.c_long, (ctypes.c_long, ctypes.POINTER(ctypes.c_float))
        result = ctypes.c_float()
        return cls(partial(function, STEPS, result), function(STEPS, result))


def operations_of(module: SculptingModule) -> int:
    """Count the multiplications and additions of the matrix products of a round of dense networks.

    A network of E edges, of which F leave the inputs, takes 2 E for each row forward, and for each training row another
    2 E for the gradients of the weights and 2 (E - F) for those of the activations: with T training and V validation
    rows, 2 (T (3 E - F) + V E) an epoch. Adam, draws, sigmoids and losses are not counted. Nor is memory: the state of
    a small network can stay in cache for a round.
    """
    layout, examples = module.layout, module.examples
    (fan_in, fan_out), *_ = layout.shapes
    training, evaluation = 3 * layout.edges - fan_in * fan_out, layout.edges
    an_epoch = 2 * (len(examples.training) * training + len(examples.validation) * evaluation)
    return len(module.state) * module.settings.epochs * an_epoch
