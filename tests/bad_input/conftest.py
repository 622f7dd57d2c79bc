"""The command line with a pipeline that costs nothing: a mistake that is overlooked ends with exit code 0."""

from cheap_command import cheap_pipeline, command, hydra_plugins, logging_restored

__all__ = ["cheap_pipeline", "command", "hydra_plugins", "logging_restored"]
