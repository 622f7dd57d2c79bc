"""Disjoint and shared bound sets of the table itself."""

from neural_sculpting.analysis.readers import Reading
from neural_sculpting.decomposition.task_tables import decompose_task
from neural_sculpting.methods.networks import DoesNotApply
from neural_sculpting.tasks import Task


def decomposition(task: Task) -> Reading:
    """Decompose the rows (Ashenhurst 1957; Curtis 1962): exactly if all are known, else by what contradicts none.

    Raises:
        DoesNotApply: if inputs or outputs are not bits, or with unseen rows of too many inputs.
    """
    found = decompose_task(task)
    if found is None:
        raise DoesNotApply("needs a table of bits of at most 20 inputs")
    return Reading(found.hierarchy, alternatives=tuple(found.alternatives))
