"""The command line with a pipeline that costs nothing."""

from cheap_command import cheap_pipeline, command, hydra_plugins, logging_restored

__all__ = ["cheap_pipeline", "command", "hydra_plugins", "logging_restored"]
