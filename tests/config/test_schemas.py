from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from neural_sculpting.config.schemas import ArchConfig, Config, PruningConfig, TrainingConfig


def models(model: type[BaseModel]) -> list[type[BaseModel]]:
    """The model and all models inside it."""
    inside = [field.annotation for field in model.model_fields.values()]
    return [
        model,
        *(each for kind in inside if isinstance(kind, type) and issubclass(kind, BaseModel) for each in models(kind)),
    ]


def test_the_models_hold_no_default() -> None:
    defaults = [
        f"{model.__name__}.{name}"
        for model in models(Config)
        for name, field in model.model_fields.items()
        if not field.is_required()
    ]
    assert defaults == []


def test_every_value_says_what_is_allowed() -> None:
    silent = [
        f"{model.__name__}.{name}"
        for model in models(Config)
        for name, field in model.model_fields.items()
        if not field.description
        and not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel))
    ]
    assert silent == []


def test_one_step_is_a_list_of_one() -> None:
    phase: dict[str, Any] = {"criterion": "magnitude", "step": 70}
    pruning = PruningConfig.model_validate(
        {
            "accuracy_by": "auto",
            "accuracy_threshold": 1,
            "accuracy_drop": None,
            "unit": phase,
            "edge": {**phase, "step": [2.5, 1]},
        }
    )
    assert pruning.unit.step == (70.0,)
    assert pruning.edge.step == (2.5, 1.0)


def test_a_configuration_cannot_be_changed() -> None:
    arch = ArchConfig.model_validate({"hidden": [24]})
    with pytest.raises(ValidationError):
        arch.hidden = (36,)


@pytest.mark.parametrize("value", [True, "0.05", 0, -1, float("nan"), float("inf")])
def test_a_learning_rate_is_a_number_above_zero(value: object) -> None:
    values = {"lr": 0.05, "batch_size": None, "epochs": None, "input_noise": 0, "weight_decay": 0}
    TrainingConfig.model_validate(values)
    with pytest.raises(ValidationError):
        TrainingConfig.model_validate({**values, "lr": value})
