"""A dashboard on W&B as code: ``python -m neural_sculpting.dashboard ENTITY/PROJECT``."""

import argparse
import importlib
import importlib.util
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from neural_sculpting.cli.commands import Parser, run_cli
from neural_sculpting.errors import UserError

if TYPE_CHECKING:
    from wandb_workspaces.workspaces import Workspace

NAME = "Neural Sculpting"

CURVES = {
    "density": "share of edges left",
    "accuracy": "accuracy on the validation set",
    "accepted": "share of accepted attempts",
}
"""What is plotted over the attempts of each phase, with the label of its axis."""

COLUMNS = ("run:group", "run:jobType", "run:tags", "summary:success/exact", "summary:density", "summary:trials")


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line, by default that of the process, and return its exit code."""
    parser = Parser(
        "dashboard",
        "Create a dashboard in a project of W&B: success rates, density and accuracy over the pruning, "
        "trials and pictures of what logger=wandb has logged there.",
    )
    parser.add_argument("project", metavar="ENTITY/PROJECT", help="a user or team, and a project")
    parser.add_argument("--json", action="store_true", help="print the dashboard without contacting W&B")
    return run_cli(parser, _show, command_line)


def _show(asked: argparse.Namespace) -> None:
    entity, _, project = asked.project.partition("/")
    if not (entity and project) or "/" in project:
        raise UserError(f"{asked.project}: must be ENTITY/PROJECT, such as my-team/neural-sculpting")
    if importlib.util.find_spec("wandb_workspaces") is None:
        raise UserError("wandb-workspaces: not installed; pip install 'neural-sculpting[dashboard]'")
    if asked.json:
        print(json.dumps(specification(entity, project), indent=2))
    else:
        print(f"Dashboard  {_save(dashboard(entity, project))}")


def dashboard(entity: str, project: str) -> "Workspace":
    """Build the dashboard of a project of a user or team, without saving it."""
    from neural_sculpting.records.criteria import CRITERIA

    # Takes a second to import; what it exports has no types.
    panels, workspaces = (importlib.import_module(f"wandb_workspaces.{name}") for name in ("reports.v2", "workspaces"))
    sections = {
        "Success rates": [
            panels.MediaBrowser(title="Success rates with 95 % intervals", media_keys=["success_chart"]),
            *(
                panels.BarPlot(title=f"Success: {name.replace('_', ' ')}", metrics=[f"success/{name}"], range_x=(0, 1))
                for name, criterion in CRITERIA.items()
                if criterion.always
            ),
            panels.WeavePanelSummaryTable(table_name="success_rates"),
        ],
        "Density and accuracy over the pruning": [
            panels.LinePlot(
                title=f"{phase.capitalize()} pruning: {name}",
                x="attempt",
                metric_regex=f"(^|/){phase}/{name}$",  # of trials, and of sweeps, with the name of the batch in front
                title_x="attempt",
                title_y=label,
            )
            for name, label in CURVES.items()
            for phase in ("unit", "edge")
        ],
        "Trials": [
            panels.WeavePanelSummaryTable(table_name="trials_table"),
            panels.ScatterPlot(
                title="Density and accuracy of trials, or their means",
                x=panels.SummaryMetric("density"),
                y=panels.SummaryMetric("accuracy"),
            ),
        ],
        "Pictures": [
            panels.MediaBrowser(title="Networks and hierarchies of sweeps", media_keys=["pictures"]),
            panels.MediaBrowser(title="Networks and hierarchies of trials", media_keys=["picture"]),
        ],
    }
    workspace: Workspace = workspaces.Workspace(
        entity=entity,
        project=project,
        name=NAME,
        sections=[workspaces.Section(name=name, panels=shown, is_open=True) for name, shown in sections.items()],
        runset_settings=workspaces.RunsetSettings(pinned_columns=list(COLUMNS)),
    )
    return workspace


def specification(entity: str, project: str) -> dict[str, Any]:
    """What W&B would be sent to create the dashboard; W&B is not contacted."""
    view: dict[str, Any] = dashboard(entity, project)._to_model().model_dump(mode="json", by_alias=True)
    return view


def _save(workspace: "Workspace") -> str:
    from neural_sculpting.tracking.wandb_session import has_key

    if not has_key():
        raise UserError("no W&B key; run `wandb login`, or print the dashboard with --json")
    try:
        saved: Any = workspace
        url: str = saved.save().url
    except Exception as error:  # W&B has no common one
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(f"{workspace.entity}/{workspace.project}: W&B did not take the dashboard ({reason})") from error
    return url


if __name__ == "__main__":
    sys.exit(main())
