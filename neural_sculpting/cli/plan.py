"""The overrides of a run as its plan has them."""

from collections.abc import Sequence

from hydra.core.override_parser.types import Override

from neural_sculpting.records.plan import Plan

NOT_COUNTED = ("resume",)  # says what to resume, not what is computed


def normal(overrides: Sequence[Override]) -> tuple[str, ...]:
    """Return the overrides that change what is computed, each written as others would write it."""
    counted = [each for each in overrides if not each.is_hydra_override() and each.key_or_group not in NOT_COUNTED]
    return tuple(f"{each.get_key_element()}={value(each)}" for each in counted)


def chosen(overrides: Sequence[Override], group: str, default: str | None) -> str | None:
    """Return the option of a group; of a sweep over options, its text.

    Args:
        overrides: what the command line and the experiment change.
        group: the name of the group.
        default: the option that the configuration chooses.
    """
    texts = [value(each) for each in overrides if each.key_or_group == group]
    return texts[-1] if texts else default


def value(override: Override) -> str:
    """Return the value of an override, or its values, as one would type them."""
    return override.get_value_string() if override.is_sweep_override() else override.get_value_element_as_str()


def in_order(overrides: Sequence[Override], plan: Plan) -> list[Override]:
    """Return overrides in the order of a plan, those that are not in it at the end."""
    order = {line.partition("=")[0]: number for number, line in enumerate(plan.overrides)}
    return sorted(overrides, key=lambda each: order.get(each.get_key_element(), len(order)))
