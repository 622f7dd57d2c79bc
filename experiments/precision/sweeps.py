"""The sweeps: the same trials in both precisions."""

PRECISIONS = ("fp32", "bf16")

_ON_A_CPU = ("trainer.accelerator=cpu", "trainer.threads=1", "trainer.progress_bar=false", "pictures=none")

SWEEPS = {
    "digits_pair": ("arch.hidden=[32,32],[64,64],[128,128]", *_ON_A_CPU),
    "mnist_pair": (
        *("task.per_pair=80", "task.validation_per_pair=50", "task.test_per_pair=100"),
        *("training.lr=0.01", "training.batch_size=512", "training.epochs=20", "training.input_noise=0.1"),
        *("pruning.unit.step=70", "pruning.edge.step=1", "arch.hidden=[392,392]", "seed=0,1,2,3,4,5,6,7"),
        *_ON_A_CPU,
    ),
}
"""For each experiment what is set beside it and ``trainer.precision``: two hidden layers, and for MNIST the size that
its stored trials have."""
