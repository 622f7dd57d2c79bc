"""Tables from files as examples: columns, splits, inputs and targets as numbers."""

from neural_sculpting.tasks.tables.columns import Columns, choose_columns, without_missing
from neural_sculpting.tasks.tables.files import ALLOWED_FILES, read_table
from neural_sculpting.tasks.tables.inputs import EncodedInputs, encode_bits, encode_inputs
from neural_sculpting.tasks.tables.splits import SplitRows, split_rows
from neural_sculpting.tasks.tables.targets import KINDS, Kind, Targets, encode_targets, kind_of
from neural_sculpting.tasks.tables.truth_tables import check_consistent
from neural_sculpting.tasks.tables.values import plain

__all__ = [
    "ALLOWED_FILES",
    "KINDS",
    "Columns",
    "EncodedInputs",
    "Kind",
    "SplitRows",
    "Targets",
    "check_consistent",
    "choose_columns",
    "encode_bits",
    "encode_inputs",
    "encode_targets",
    "kind_of",
    "plain",
    "read_table",
    "split_rows",
    "without_missing",
]
