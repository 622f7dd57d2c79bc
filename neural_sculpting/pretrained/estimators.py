"""Networks from MLPClassifier and MLPRegressor of scikit-learn, which need not be installed to be recognized."""

from typing import Any

import numpy as np

from neural_sculpting.errors import UserError
from neural_sculpting.pretrained.chains import Layers
from neural_sculpting.pretrained.layers import LinearLayer
from neural_sculpting.pretrained.trained import End

ENDS: dict[str, End | None] = {"identity": None, "logistic": "Sigmoid", "softmax": "Softmax"}


def is_estimator(source: object) -> bool:
    """Whether an object is of a class of scikit-learn, or of one that is derived from it."""
    return any(kind.__module__.partition(".")[0] == "sklearn" for kind in type(source).__mro__)


def layers_of_estimator(estimator: Any, source: str) -> Layers:
    """Return the layers of a fitted MLP with ReLU; that of a classifier of two classes has one output, a logit."""
    kind = type(estimator).__name__
    if not any(each.__name__ == "BaseMultilayerPerceptron" for each in type(estimator).__mro__):
        part = next((each for each in ("best_estimator_", "steps") if hasattr(estimator, each)), None)
        instead = {
            "best_estimator_": "pass its best_estimator_",
            "steps": "pass its last step, pipeline[-1]; task=table standardizes inputs itself",
        }
        advice = instead.get(part or "", "must be MLPClassifier or MLPRegressor")
        raise UserError(f"{source}: is {kind} of scikit-learn; {advice}")
    if not hasattr(estimator, "out_activation_"):
        raise UserError(f"{source}: {kind} is not fitted; call its fit first")
    if estimator.activation != "relu":
        found = f"{source}: {kind} has the activation {estimator.activation!r}"
        raise UserError(f"{found}; hidden units must be ReLU: fit it with activation='relu'")
    if estimator.out_activation_ not in ENDS:
        found = f"{source}: {kind} has the loss {estimator.loss!r}, whose outputs are no sums"
        raise UserError(f"{found}; fit it with loss='squared_error'")
    layers = [
        LinearLayer(f"coefs_[{number}]", np.asarray(weight, np.float32), np.asarray(bias, np.float32))
        for number, (weight, bias) in enumerate(zip(estimator.coefs_, estimator.intercepts_, strict=True))
    ]
    return layers, ENDS[estimator.out_activation_]
