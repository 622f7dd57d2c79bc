"""Variants of pruning: given as differences from the other keys of pruning, completed and checked."""

from collections.abc import Mapping
from functools import reduce
from operator import getitem
from typing import Any

from pydantic import ValidationError

from neural_sculpting.config.keys import expected
from neural_sculpting.config.schemas import VARIED, PruningConfig, VariantConfig
from neural_sculpting.config.values import shown
from neural_sculpting.errors import UserError


def given_variants(values: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the differences by name; None where there are none, or where variants are complete, as stored ones are."""
    pruning = values.get("pruning")
    given = pruning.get("variants") if isinstance(pruning, Mapping) else None
    return given if isinstance(given, Mapping) and given else None


def without_variants(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values of a configuration with no variants."""
    return {**values, "pruning": {**values["pruning"], "variants": None}}


def with_variants(pruning: PruningConfig, given: Mapping[str, Any]) -> PruningConfig:
    """Add variants that are given as differences.

    Raises:
        UserError: at the first one that is not allowed.
    """
    return pruning.model_copy(update={"variants": tuple(_variant(pruning, *each) for each in given.items())})


def with_differences(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values of a configuration with its variants as they were given, for people."""
    pruning = values["pruning"]
    given = {each["name"]: _difference(pruning, each) for each in pruning["variants"] or ()}
    return {**values, "pruning": {**pruning, "variants": given}} if given else values


def _difference(base: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    changed = {key: value for key, value in values.items() if key in base and value != base[key]}
    return {key: _difference(base[key], each) if isinstance(each, Mapping) else each for key, each in changed.items()}


def _variant(pruning: PruningConfig, name: Any, changes: Any) -> VariantConfig:
    key = f"pruning.variants.{name}"
    if not isinstance(changes, Mapping):
        raise UserError(f"{key}={shown(changes)}: must be a group with keys of {', '.join(VARIED)}")
    base = pruning.model_dump(include=set(VARIED))
    values = {part: _merged(base.get(part), each) for part, each in {**base, **changes}.items()}
    try:
        return VariantConfig.model_validate({**values, "name": str(name)})
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False)[0]
        path = [part for part in problem["loc"] if isinstance(part, str)]
        if problem["type"] == "extra_forbidden":
            message = f"{key}.{'.'.join(path)}: unknown key; variants differ in keys of {', '.join(VARIED)}"
        else:
            found = shown(reduce(getitem, path, values))
            message = f"{key}.{'.'.join(path)}={found}: must be {expected(['pruning', *path])}"
        raise UserError(message) from None


def _merged(base: Any, changes: Any) -> Any:
    return {**base, **changes} if isinstance(base, Mapping) and isinstance(changes, Mapping) else changes
