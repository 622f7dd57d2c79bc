"""Names in the folder of a sweep that several rooms know."""

from pathlib import PurePath

from neural_sculpting.errors import UserError

GROUPS = "groups"
"""A folder for each group that is finished."""

CHECKPOINTS = "checkpoints"
"""Batches that are being sculpted."""

PICTURES = "pictures"
"""The pictures of networks and hierarchies."""

RESERVED = (GROUPS, CHECKPOINTS)
"""Folders of a run that hold its results."""


def check_inside(key: str, name: str) -> None:
    """Check that a name leads to no place outside the folder that it is put behind.

    Args:
        key: that sets it.
        name: a path.

    Raises:
        UserError: if it does, or leads to the results, or holds what cannot be printed.
    """
    path = PurePath(name)
    if (
        path.is_absolute()
        or ".." in path.parts
        or not name.isprintable()
        or path.parts[:1] in [(name,) for name in RESERVED]
    ):
        raise UserError(
            f"{key}={name}: must lead to a place inside the folder of the run, without .., and not begin with "
            f"{' or '.join(RESERVED)}"
        )
