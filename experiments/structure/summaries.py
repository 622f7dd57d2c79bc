"""Tables of the study from its stored rows."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import networkx as nx
import pandas as pd
from scipy.stats import linregress, ttest_ind

from experiments.intervals import columns_of
from neural_sculpting.analysis import graph_from_json
from neural_sculpting.scoring.means import Mean
from neural_sculpting.scoring.stability import Stability, stability

VARIANTS = {
    "dense": "dense",
    "edges": "edges pruned",
    "units_edges": "units and edges pruned",
    "dealt": "the same, weights dealt out anew",
}


def within_across(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Test for each kind of networks whether paths weigh more inside of sub-functions than across; Welch, one-sided.

    Networks count, each with the means of its pairs.
    """
    for variant in VARIANTS:
        networks = rows[rows["variant"] == variant]
        within, across = networks["within"], networks["across"]
        test = ttest_ind(within, across, equal_var=False, alternative="greater")
        stray = Mean.of((across / (within + across)).tolist())
        line = {"networks": variant, "n": len(networks), "edges": networks["edges"].median()}
        line |= {"within": within.mean(), "across": across.mean(), "t": test.statistic, "df": test.df, "p": test.pvalue}
        yield line | _columns("share_across", stray) | {"none_across": int((across == 0).sum())}


def units_by_width(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Average the units of each hidden layer that make up 90 % of the path weight, over networks that learned."""
    able = rows[rows["status"].eq("sculpted")]
    for (uses, width, variant), networks in able.groupby(["uses", "width", "variant"]):
        line = {"uses": int(uses), "width": int(width), "networks": variant, "n": len(networks)}
        for layer in (1, 2):
            counts = Mean.of(networks[f"units_{layer}"].tolist(), 0.0, float(width))
            line |= _columns(f"units_{layer}", counts)
        yield line


def slopes(rows: pd.DataFrame, uses: int, width: int) -> Iterator[dict[str, Any]]:
    """Regress these units on the width at one number of uses, and on the uses at one width, with two-sided p-values."""
    able = rows[rows["status"].eq("sculpted")]
    for variant, networks in able.groupby("variant"):
        for layer in (1, 2):
            line: dict[str, Any] = {"networks": variant, "layer": layer}
            for along, chosen in {"width": networks["uses"] == uses, "uses": networks["width"] == width}.items():
                fit = linregress(networks[chosen][along], networks[chosen][f"units_{layer}"])
                line |= {f"{along}_n": int(chosen.sum()), f"{along}_slope": fit.slope, f"{along}_p": fit.pvalue}
            yield line


def lesions(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Average the scores of lesions by task and reader, and their differences from random units, which are paired."""
    for (task, reader), trials in rows.groupby(["sweep", "reader"], sort=False):
        line: dict[str, Any] = {"task": task, "reader": reader, "trials": len(trials)}
        line["learned"] = int(trials["found"].notna().sum())
        line["scored"] = int(trials["lesion"].notna().sum())
        for name in ("lesion", "answer_lesion", "random_lesion"):
            line |= _columns(name, Mean.of(trials[name].astype(float).tolist()))
        above = (trials["lesion"] - trials["random_lesion"]).astype(float)
        yield line | _columns("above_random", Mean.of(above.tolist(), -1.0))


def agreements(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Compare hierarchies of seeds, of steps, and of draws of the rows, by task and reader."""
    for (task, reader), trials in rows.groupby(["sweep", "reader"], sort=False):
        able = trials[trials["found"].notna()]
        draws, seeds = ("graph_seed", "rows_seed"), ("graph_seed", "seed")
        kinds: Mapping[str, Stability | None] = {
            "seeds": _stability(able, draws),
            "steps": Stability(
                *(Mean.of(able[f"steps_{of}"].astype(float).tolist(), -1.0) for of in ("inputs", "reach"))
            ),
            "rows": _stability(able, seeds) if able["rows_seed"].nunique() > 1 else None,
        }
        for kind, found in kinds.items():
            if found is not None and found.inputs.count:
                line = {"task": task, "reader": reader, "agreement_of": kind, "n": found.inputs.count}
                yield line | _columns("inputs", found.inputs) | _columns("reach", found.reach)


def _stability(trials: pd.DataFrame, alike: tuple[str, ...]) -> Stability | None:
    groups = [[_graph(each) for each in of["found"]] for _, of in trials.groupby([*alike], dropna=False)]
    shape = trials["layers"].iloc[0].split("-") if len(trials) else ("0", "0")
    return stability(groups, (int(shape[0]), int(shape[-1])))


def _graph(text: str) -> nx.DiGraph:
    return graph_from_json(json.loads(text))


def _columns(name: str, mean: Mean) -> dict[str, float]:
    return columns_of(name, mean.mean, mean.low, mean.high)
