"""Names in the folder of a sweep that several rooms know."""

GROUPS = "groups"
"""A folder for each group that is finished."""

CHECKPOINTS = "checkpoints"
"""Batches that are being sculpted."""

PICTURES = "pictures"
"""The pictures of networks and hierarchies."""
