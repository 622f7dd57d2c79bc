"""Stacked networks: their layout, masks, state and random streams."""
