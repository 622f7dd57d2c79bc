"""The formulas that stand beside a hierarchy on the terminal and on pages, where nobody had to ask for them."""

import logging
from collections.abc import Sequence

import pandas as pd

from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.exporting.trial_files import check_bits, formulas_of_trial
from neural_sculpting.formulas.live_network import live_network
from neural_sculpting.records.record import GroupRecord

log = logging.getLogger(__name__)

MOST_INPUTS = 10
"""That a network may read: its formulas then take a fraction of a second. With 12 they take a second or two."""


class FormulaLines:
    """Reads trials as lines of formulas; what was read before is not read again.

    Example:
        >>> FormulaLines()(record, record.selected_trials.iloc[0])  # doctest: +SKIP
        ['y0 = x0 ^ x1', 'y1 = x2 & x3']
    """

    def __init__(self) -> None:
        self._read: dict[tuple[int, int], tuple[GroupRecord, Sequence[str]]] = {}

    def __call__(self, group: GroupRecord, trial: pd.Series) -> Sequence[str]:
        """The formulas of a trial, a line each.

        Args:
            group: the record that the trial belongs to.
            trial: one of its rows, whose analysis did not fail.

        Returns:
            No lines where its task is not one of bits, or the network reads more than 10 inputs; nor where reading it
            stops with an error, which is told in a line.
        """
        key = (id(group), int(trial["network"]))
        if key not in self._read:
            self._read[key] = (group, _lines(group, trial))  # with the record, so that no other gets its id
        return self._read[key][1]


def _lines(group: GroupRecord, trial: pd.Series) -> Sequence[str]:
    try:
        check_bits(group)
        if len(live_network(group.packed, int(trial["network"])).inputs) > MOST_INPUTS:
            return ()
        return str(formulas_of_trial(group, trial)).splitlines()
    except UserError:  # there are none of this task
        return ()
    except Exception as error:
        log.warning("job %s: no formulas (%s: %s)", trial["job"], type(error).__name__, on_one_line(error))
        log.debug("reading formulas stopped with an error", exc_info=True)
        return ()
