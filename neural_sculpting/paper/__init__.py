"""What Patil et al. 2023 trained with and measured, stored as tables."""

from neural_sculpting.paper.settings import (
    PARAMETERS,
    PaperRate,
    PaperSettings,
    is_task_of_paper,
    nearest_settings,
    paper_rates,
    paper_settings,
)

__all__ = [
    "PARAMETERS",
    "PaperRate",
    "PaperSettings",
    "is_task_of_paper",
    "nearest_settings",
    "paper_rates",
    "paper_settings",
]
