"""Stacked networks: their layout, masks, state and random streams."""

import os

# MKL's batched products may depend on how each matrix is aligned in memory, so on a network's place in its batch, unless
# it is asked for reproducible ones. It reads this once, at its first product; a setting of the user's own stays.
os.environ.setdefault("MKL_CBWR", "AUTO")
