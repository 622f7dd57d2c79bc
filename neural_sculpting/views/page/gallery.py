"""The trials of a sweep, as data for the gallery of the page."""

import logging
from collections.abc import Hashable, Mapping
from itertools import islice
from typing import Any

import pandas as pd

from neural_sculpting.errors import on_one_line
from neural_sculpting.records.accuracies import accuracy_text, measures
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.scoring.diagnosis.failure import OUTCOMES, outcome_of
from neural_sculpting.views.page.pruning_chart import path_chart
from neural_sculpting.views.page.rendering import hierarchy_structure, hierarchy_svg, network_structure, network_svg

log = logging.getLogger(__name__)


Pictures = dict[Hashable, tuple[int, str]]
"""The index and the SVG of each picture, by what it depends on: equal ones are drawn and stored once."""


def gallery_data(sweep: Sweep) -> dict[str, Any]:
    """Describe every trial: its outcome and the reason, its network, its hierarchy, and its pruning.

    Returns:
        ``trials`` by job, whose ``cell`` is an index of ``cells``, whose ``network`` and ``hierarchy`` are indices of
        ``pictures``, and whose ``outcome`` is a key of ``outcomes``, which are ordered from worst to best.
    """
    pictures: Pictures = {}
    trials = [trial for index, cell in enumerate(sweep.cells) for trial in _trials(cell, index, pictures)]
    return {
        "trials": sorted(trials, key=lambda trial: int(trial["job"])),
        "cells": [cell.label for cell in sweep.cells],
        "outcomes": {kind: outcome.label for kind, outcome in OUTCOMES.items()},
        "pictures": [svg for _, svg in pictures.values()],
    }


def _trials(cell: Cell, index: int, pictures: Pictures) -> list[dict[str, Any]]:
    solved, names = _solved(cell), measures(cell.trials, cell.first_group)
    names = names if cell.is_measured else {}
    rows = []
    for position, (_, trial) in enumerate(cell.trials.iterrows()):
        failure = cell.failures[position]
        network, hierarchy = _pictures(cell, position, pictures)
        edges, density = f"{trial['edges']:,} edge{'' if trial['edges'] == 1 else 's'}", _percent(trial["density"])
        accuracies = _accuracies(cell, trial, names) if names else {"accuracy": _percent(trial["accuracy"])}
        rows.append(
            {
                "job": int(trial["job"]),
                "seed": int(trial["seed"]),
                "cell": index,
                "layers": trial["layers"],
                "outcome": outcome_of(failure, is_judged=pd.notna(trial["exact"])),
                "headline": failure.reason if failure else "",
                "detail": failure.detail if failure else "",
                "density": round(float(trial["density"]), 6) if density else None,
                "summary": f"{edges} · density {density}" if density else edges,
                "accuracy": " · ".join(f"{name} {value}" for name, value in islice(accuracies.items(), 2))
                if names
                else "",
                "facts": _facts(trial, solved[position], accuracies),
                "network": network,
                "hierarchy": hierarchy,
                "path": path_chart(cell.paths[position]),
            }
        )
    return rows


def _accuracies(cell: Cell, trial: pd.Series, names: Mapping[str, str]) -> dict[str, str]:
    """The accuracies of a trial by what they are called, those of its dense network in parentheses."""
    group = cell.sweep.groups[trial["group"]]
    sculpted, dense = ([accuracy_text(trial[f"{of}{column}"], group) for column in names] for of in ("", "dense_"))
    return {name: f"{one} (dense {other})" for name, one, other in zip(names.values(), sculpted, dense, strict=True)}


def _facts(trial: pd.Series, solved: str, accuracies: Mapping[str, str]) -> list[tuple[str, str]]:
    steps = {"units": trial["unit_step"], "edges": trial["edge_step"]}
    facts = {
        "job": str(trial["job"]),
        "layers": trial["layers"],
        "edges": f"{trial['edges']:,}",
        "density": _percent(trial["density"]),
        **accuracies,
        "steps": ", ".join(f"{step:g} % {what}" for what, step in steps.items() if pd.notna(step)),
        "way of pruning": str(trial.get("variant", "")) if pd.notna(trial.get("variant")) else "",
        "always the most frequent class": "" if pd.notna(trial["exact"]) else _percent(trial.get("majority_accuracy")),
        "constant outputs": trial.get("constant_outputs", ""),
        "networks as expected": solved,
    }
    return [(name, value) for name, value in facts.items() if value]


def _pictures(cell: Cell, position: int, pictures: Pictures) -> tuple[int | None, int | None]:
    """Draw the network and the hierarchy of a trial, and return their indices; None if it failed."""
    graph, trial = cell.graphs[position], cell.trials.iloc[position]
    if graph is None:
        return None, None
    group = cell.sweep.groups[trial["group"]]
    masks, image_shape, labels = group.masks_of(int(trial["network"])), group.image_shape, group.labels
    names = (image_shape, group.input_names, group.output_names)
    try:
        modules = group.hierarchy_of(int(trial["network"]))
        about_units = group.layout, group.patterns_of(int(trial["network"]))
        network = ("network", names, network_structure(masks, modules, *about_units))
        hierarchy = ("hierarchy", names, hierarchy_structure(graph))
        if network not in pictures:
            pictures[network] = (len(pictures), network_svg(masks, modules, image_shape, labels, *about_units))
        if hierarchy not in pictures:
            pictures[hierarchy] = (len(pictures), hierarchy_svg(graph, labels))
    except Exception as error:
        log.warning("job %s: not drawn on the page (%s: %s)", trial["job"], type(error).__name__, on_one_line(error))
        log.debug("drawing stopped with an error", exc_info=True)
        return None, None
    return pictures[network][0], pictures[hierarchy][0]


def _solved(cell: Cell) -> list[str]:
    """Count the networks of each trial that have the expected hierarchy: "2 of 12"; empty for a single network."""
    found: dict[tuple[int, int], str] = {}
    for group in cell.trials["group"].unique():
        networks = cell.sweep.groups[group].networks
        if networks["seed"].duplicated().any():
            exact = networks["exact"].fillna(False).astype(int).groupby(networks["seed"]).agg(["sum", "size"])
            found |= {(group, seed): f"{row['sum']} of {row['size']}" for seed, row in exact.iterrows()}
    return [found.get(key, "") for key in zip(cell.trials["group"], cell.trials["seed"], strict=True)]


def _percent(share: float) -> str:
    """Format a share with three digits, small ones with two; empty if it is not known."""
    return "" if pd.isna(share) else f"{100 * share:.{3 if share >= 0.1 else 2}g} %"
