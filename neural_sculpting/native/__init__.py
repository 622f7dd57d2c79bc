"""Rounds of training in one call of a compiled kernel: for stacks of small networks on CPUs."""
