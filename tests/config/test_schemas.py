from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from neural_sculpting.config.schemas import ArchConfig, Config, EdgePhaseConfig, TrainingConfig


def fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo, bool]]:
    """The fields of a model and of all models in it, and whether each is a model itself."""
    for name, field in model.model_fields.items():
        is_model = isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        yield f"{model.__name__}.{name}", field, is_model
        if is_model:
            yield from fields(field.annotation)  # type: ignore[arg-type]


def test_no_field_has_a_default_and_every_value_describes_what_is_allowed() -> None:
    optional = {name.partition(".")[0] for name, field, _ in fields(Config) if not field.is_required()}
    assert optional == {"ArchConfig"}  # each kind of network has settings of its own
    assert [name for name, field, is_model in fields(Config) if not is_model and not field.description] == []


@pytest.mark.parametrize(("step", "steps"), [(70, (70.0,)), ([2.5, 1], (2.5, 1.0))])
def test_one_step_is_a_list_of_one(step: Any, steps: tuple[float, ...]) -> None:
    rest = {
        "limit": None,
        "schedule": "linear",
        "slack": 0,
        "order": "together",
        "tail": 0,
        "groups": False,
        "halvings": None,
    }
    assert EdgePhaseConfig.model_validate({"criterion": "magnitude", "step": step, **rest}).step == steps


def test_a_configuration_cannot_be_changed() -> None:
    arch = ArchConfig.model_validate({"hidden": [24]})
    with pytest.raises(ValidationError):
        arch.hidden = (36,)


@pytest.mark.parametrize("value", [True, "0.05", 0, -1, float("nan"), float("inf")])
def test_a_learning_rate_is_a_number_above_zero(value: object) -> None:
    values = {
        "lr": 0.05,
        "batch_size": None,
        "epochs": None,
        "input_noise": 0,
        "weight_decay": 0,
        "class_weights": None,
        "dense_rounds": 1,
        "pruning_lr": None,
    }
    TrainingConfig.model_validate(values)
    with pytest.raises(ValidationError):
        TrainingConfig.model_validate({**values, "lr": value})
