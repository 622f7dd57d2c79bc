"""Convolutional networks and transformers with a known truth."""
