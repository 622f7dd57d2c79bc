"""A random share of the stored rows computed again: does the program still find what it found?

Run it with ``python -m experiments.again``; see ``--help``.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from time import perf_counter
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd

from experiments.recomputing import Source
from experiments.sources import SOURCES
from experiments.study import exit_code
from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.analysis.hierarchy import graph_from_json
from neural_sculpting.errors import UserError
from neural_sculpting.records.provenance import provenance
from neural_sculpting.scoring.rates import holm, sign_test

SHARE = 0.05
COMPARED = ("status", "variant", "edges", "exact", "relation", "refines", "divided", "paper_divided", "hierarchy")
"""Columns, of those that a study stores."""

OUTCOMES = ("learned", "exact", "relation", "divided")
SIGNIFICANT = 0.01
"""Of all tests of a run together: so often rounding alone is taken for a broken program."""

TURNS = 3
"""A commit has one of so many parts of the studies: all take seven minutes of an idle processor."""

DESCRIPTION = """\
Compute a random share of the stored trials again, from their settings and seeds, and compare status, edges, hierarchy
and criteria. Where the processor, the libraries and the engine are those that made them, every row must be the same.
Elsewhere rounding differs, and trials with it: there the outcomes of all trials of the run are tested, paired
(McNemar's exact test, and Wilcoxon's of the numbers of edges; Holm's correction). Exit code 1: a row differs although
nothing around the program does, or the outcomes differ beyond chance."""


def choose(rows: pd.DataFrame, cell: Sequence[str], share: float, random: np.random.Generator) -> pd.DataFrame:
    """Choose whole cells at random, until they have a share of the rows."""
    cells = [*rows.groupby(list(cell), dropna=False, sort=True).indices.values()]
    chosen: list[int] = []
    for number in random.permutation(len(cells)):
        if len(chosen) >= share * len(rows):
            break
        chosen += cells[number].tolist()
    return rows.iloc[sorted(chosen)]


def pair(stored: pd.DataFrame, again: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """Put what was computed again beside stored rows, column by column with the ending ``_again``, and compare.

    Returns:
        The stored rows, with ``differs``: the columns of ``COMPARED`` whose values are not the same.
    """
    pairs = stored.merge(again, how="left", on=list(key), suffixes=("", "_again"), validate="one_to_one")
    columns = [name for name in COMPARED if name in stored and name in again and name not in key]
    differing = {name: [not _same(*values) for values in _values(pairs, name)] for name in columns}
    found = [", ".join(name for name in columns if differing[name][row]) for row in range(len(pairs))]
    return pairs.assign(differs=found)


def _values(pairs: pd.DataFrame, name: str) -> Iterable[tuple[Any, Any]]:
    return zip(pairs[name], pairs[f"{name}_again"], strict=True)


def _same(one: Any, other: Any) -> bool:
    if pd.isna(one) or pd.isna(other):
        return bool(pd.isna(one) and pd.isna(other))
    if isinstance(one, str) and one.startswith("{"):
        return same_hierarchy(*(graph_from_json(json.loads(each)) for each in (one, other)))
    return bool(one == other)


def made_here(made_with: Sequence[Mapping[str, Any]], here: Mapping[str, Any]) -> bool:
    """Whether stored rows were made by a processor and libraries that are certainly those of this machine.

    The number of cores does not matter. A processor whose family is not known may be another one of the same name.
    """
    own = _surroundings(here)
    return "family" in own[0] and all(_surroundings(each) == own for each in made_with)


def _surroundings(made: Mapping[str, Any]) -> tuple[str, Mapping[str, str]]:
    return made["machine"].rpartition(", ")[0], made["libraries"]


def differences(pairs: pd.DataFrame) -> dict[str, float]:
    """Test whether trials have other outcomes than stored, one p-value for each, corrected for their number.

    Exact tests of McNemar for ``OUTCOMES``, Wilcoxon's signed-rank test for ``edges``; whatever is missing is left out.
    """
    from scipy.stats import wilcoxon  # takes half a second

    found: dict[str, float] = {}
    for name in OUTCOMES:
        one, other = _both(pairs, name)
        found[name] = sign_test(int((other > one).sum()), int((other < one).sum()))
    one, other = _both(pairs, "edges")
    moved = (other - one)[one != other]
    found["edges"] = float(wilcoxon(moved).pvalue) if len(moved) else 1.0
    return dict(zip(found, holm([*found.values()]).tolist(), strict=True))


def _both(pairs: pd.DataFrame, name: str) -> tuple[pd.Series, pd.Series]:
    if f"{name}_again" not in pairs:
        return pd.Series(dtype=float), pd.Series(dtype=float)
    both = pairs[[name, f"{name}_again"]].dropna().astype(float)
    return both[name], both[f"{name}_again"]


def compute(source: Source, share: float, seed: int, here: Mapping[str, Any]) -> tuple[pd.DataFrame, bool]:
    """Compute a share of a study's rows again; return the pairs, and whether all should be the same. Both are told."""
    start = perf_counter()
    rows, made_with = source.stored()
    chosen = choose(rows, source.cell, share, np.random.default_rng([seed, crc32(source.name.encode())]))
    again = source.again(chosen)
    pairs = pair(chosen, again, source.key)
    if "status" in pairs:
        pairs = pairs.assign(**{f"learned{end}": pairs[f"status{end}"].eq("sculpted") for end in ("", "_again")})
    engines = [set(each["engine"]) if "engine" in each else None for each in (chosen, again)]
    strict = made_here(made_with, here) and engines[0] is not None and engines[0] == engines[1]
    other = pairs[pairs["differs"] != ""]
    print(
        f"{source.name}: {len(pairs)} of {len(rows)} rows, {len(pairs) - len(other)} the same"
        f"{' as they should all be' if strict else ''}; {perf_counter() - start:.0f} s",
        flush=True,
    )
    for _, row in other.head(5).iterrows():
        print("    " + ", ".join(f"{name}={row[name]}" for name in source.key) + f": other {row['differs']}")
    return pairs, strict


def again(names: Sequence[str], share: float, seed: int | None) -> int:
    """Compute shares of studies again; return the exit code."""
    here = provenance()
    if seed is None:
        seed = int((here["git_commit"] or "0")[:8], 16)
    known = {source.name: source for source in SOURCES}
    if unknown := [name for name in names if name not in known]:
        raise UserError(f"{unknown[0]}: no rows of it are computed again; there are {', '.join(known)}")
    chosen = [known[name] for name in names] or SOURCES[seed % TURNS :: TURNS]
    print(f"{share:.1%} of {', '.join(source.name for source in chosen)}, with seed {seed}", flush=True)
    found = [compute(source, share, seed, here) for source in chosen]
    broken = [
        source.name for source, (pairs, strict) in zip(chosen, found, strict=True) if strict and any(pairs.differs)
    ]
    tests = differences(pd.concat([pairs for pairs, _ in found], ignore_index=True))
    print("p of other outcomes:", ", ".join(f"{name} {p:.3g}" for name, p in tests.items()))
    if broken:
        print(f"The machine is the one that made the rows of {', '.join(broken)}, and the program finds others.")
    if unlike := [name for name, p in tests.items() if p < SIGNIFICANT]:
        print(f"The program finds something else than when these rows were stored: {', '.join(unlike)}.")
    return 1 if broken or unlike else 0


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m experiments.again", description=DESCRIPTION)
    parser.add_argument("names", nargs="*", metavar="study", help="default: every third one, by the seed")
    parser.add_argument("--share", type=float, default=SHARE, help=f"of the rows of a study; default: {SHARE}")
    parser.add_argument("--seed", type=int, help="of the choice; default: from the commit")
    asked = parser.parse_args(command_line)
    return exit_code(lambda: again(asked.names, asked.share, asked.seed))


if __name__ == "__main__":
    sys.exit(main())
