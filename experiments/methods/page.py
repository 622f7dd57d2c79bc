"""The tables and the figure of the comparison."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.methods.cases import CASES
from experiments.study import NO_NUMBER, markdown_table, with_interval
from neural_sculpting.paper.figures.style import INK, MUTED

TIERS = ("sculpted", "no network", "dense", "other training")
SETTINGS = """\
Of the trials of the tasks for tuning, four tables or one of images: the share that learned the task, the mean share of
right relations, the adjusted Rand index, and the share of right trials of the sanity task, two functions without a
shared input. Before tasks of images were among them, what was learned was not counted."""
MOST_NAMED = 3
NOT_RUN = "not run yet; `--run` does, see the notes for what it takes"
HEADS = ("method", "looks at", "tasks", "trials", "right", "rank", "exact", "ari", "seconds")


def in_order(ranks: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Divide lines by family, in the order of the tasks."""
    order = [*dict.fromkeys(case.family for case in CASES)]
    by_family = [(str(family), lines) for family, lines in ranks.groupby("family", sort=False)]
    return sorted(by_family, key=lambda each: order.index(each[0]) if each[0] in order else 0)


def markdown_by_family(ranks: pd.DataFrame) -> Iterator[str]:
    """Format a table for each family, the best first."""
    for family, lines in in_order(ranks):
        claims = family == "no structure"
        heads = [*HEADS[:4], "false", *HEADS[5:6], *HEADS[8:]] if claims else HEADS
        applied = lines[lines["trials"] > 0].sort_values(["rank", "method"])
        yield f"## {family.capitalize()}"
        yield markdown_table(heads, [[*_cells(line, claims)] for line in applied.to_dict("records")])


def firsts(ranks: pd.DataFrame) -> str:
    """List who is first in each family, beside the best that is found in sculpted networks."""
    lines = []
    for family, of in in_order(ranks[ranks["rank"].notna()].sort_values(["rank", "method"])):
        value = "false_claim" if family == "no structure" else "relation"
        first, ours = of[of["rank"].eq(of["rank"].min())], of[of["tier"].eq(TIERS[0])].iloc[0]
        names = ", ".join(f"`{name}`" for name in first["method"][:MOST_NAMED])
        more = f" and {len(first) - MOST_NAMED} more" if len(first) > MOST_NAMED else ""
        found = names + more if value == "false_claim" or first[value].max() else "none"
        number = f"{ours[value]:.2f} ({ours['rank']:.3g})"
        lines.append((family, found, f"{first[value].iloc[0]:.2f}", f"`{ours['method']}`", number))
    heads = ("family", "first", "right", "best of sculpted networks", "right (rank)")
    return f"## Who is first\n\nOf functions without structure: false claims.\n\n{markdown_table(heads, lines)}"


def _cells(line: dict[str, object], claims: bool) -> Iterator[str]:
    yield from (f"`{line['method']}`", str(line["tier"]), str(line["tasks"]), str(line["trials"]))
    yield with_interval(line["false_claim" if claims else "relation"], line["low"], line["high"])  # type: ignore[arg-type]
    yield NO_NUMBER if pd.isna(line["rank"]) else "{rank:.3g} ({rank_low:.3g}–{rank_high:.3g})".format_map(line)
    yield from () if claims else (f"{line['exact']:.2f}", f"{line['ari']:.2f}")
    yield f"{line['seconds']:.1f}"


def reasons(rows: pd.DataFrame) -> str:
    """List where methods do not apply or were not run, and why."""
    left = rows[~rows["applies"].astype(bool)][["method", "reason", "family"]]
    done = {*zip(rows["method"].str.partition("/")[0], rows["family"], strict=True)}
    names = dict.fromkeys(rows["method"].str.partition("/")[0])
    missing = [each for each in product(names, rows["family"].unique()) if each not in done]
    not_run = pd.DataFrame([(name, NOT_RUN, family) for name, family in missing], columns=[*left])
    both = pd.concat([left, not_run]) if missing else left
    found = both.groupby(["method", "reason"], sort=False)["family"].agg(lambda each: ", ".join(dict.fromkeys(each)))
    lines = [(f"`{method}`", families, reason) for (method, reason), families in found.items()]
    return f"## Where methods do not apply\n\n{markdown_table(('method', 'family', 'why'), lines)}" if lines else ""


def tuning_table(tuning: pd.DataFrame) -> str:
    """List what every setting reached on the tasks for tuning."""
    numbers = ("learned", "relation", "ari", "sanity")
    lines = [
        [
            *(line["tasks"], f"`{line['method']}`", line["reader"] or NO_NUMBER),
            f"`{line['settings']}`" if line["settings"] != "{}" else NO_NUMBER,
            *(NO_NUMBER if line[name] == "nan" else f"{float(line[name]):.2f}" for name in numbers),
        ]
        for line in tuning.astype(str).to_dict("records")
    ]
    return f"## Settings\n\n{SETTINGS}\n\n" + markdown_table(("tasks", "method", "reader", "settings", *numbers), lines)


def figure(ranks: pd.DataFrame) -> Figure:
    """Draw the share of right relations of each method in each family as a shade, and its number."""
    shown = ranks[ranks["family"] != "no structure"]
    families = [each for each in dict.fromkeys(case.family for case in CASES) if each in {*shown["family"]}]
    table = shown.pivot_table(index="method", columns="family", values="relation", dropna=False)[families]
    tiers = shown.drop_duplicates("method").set_index("method")["tier"]
    order = sorted(table.index, key=lambda name: (TIERS.index(tiers[name]), -np.nanmean(table.loc[name])))
    values = table.loc[order].to_numpy(dtype=float)
    drawn = Figure(figsize=(11.5, 0.3 * len(order) + 1.6))
    axes = drawn.subplots()
    drawn.subplots_adjust(left=0.31, right=0.93, top=0.87, bottom=0.02)
    axes.imshow(np.ma.masked_invalid(values), cmap="Blues", vmin=0, vmax=1.3, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        text, color = (NO_NUMBER, MUTED) if np.isnan(value) else (f"{value:.2f}", "white" if value > 0.75 else INK)
        axes.text(column, row, text, ha="center", va="center", color=color, fontsize=9)
    axes.set_xticks(
        range(len(families)),
        labels=[each.replace(", half", ",\nhalf") for each in families],
        rotation=30,
        ha="left",
        fontsize=9.5,
    )
    axes.xaxis.tick_top()
    axes.set_yticks(range(len(order)), labels=[f"{name}  ({tiers[name]})" for name in order], fontsize=9.5)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return drawn
