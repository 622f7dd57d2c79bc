"""Networks from scikit-learn: what predict gives, or an error that names what to pass."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from user_errors import message_of

from neural_sculpting.pretrained import read_network

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ROWS = np.random.default_rng(0).normal(size=(40, 4))
CLASSES = np.digitize(ROWS[:, 0], [-0.5, 0.5])
SMALL = {"hidden_layer_sizes": (6, 5), "max_iter": 3, "random_state": 0}


@pytest.mark.parametrize(
    ("targets", "outputs", "end"),
    [(CLASSES > 0, 1, "Sigmoid"), (CLASSES, 3, "Softmax"), (np.c_[CLASSES > 0, CLASSES > 1], 2, "Sigmoid")],
    ids=["two classes", "three classes", "two labels"],
)
def test_classifiers(targets, outputs, end):
    model = MLPClassifier(**SMALL).fit(ROWS, targets)
    network = read_network(model)
    assert (network.layers, network.end) == ((4, 6, 5, outputs), end)
    exponentials = np.exp(network.logits(ROWS.astype(np.float32)))
    found = exponentials / (exponentials.sum(axis=1, keepdims=True) if end == "Softmax" else 1 + exponentials)
    np.testing.assert_allclose(found, model.predict_proba(ROWS)[:, -outputs:], atol=1e-5)


@pytest.mark.parametrize("targets", [ROWS[:, 0], ROWS[:, :2]], ids=["one", "two"])
def test_regressors(targets):
    model = MLPRegressor(**SMALL).fit(ROWS, targets)
    network = read_network(model)
    assert network.end is None
    found = network.logits(ROWS.astype(np.float32)).reshape(targets.shape)
    np.testing.assert_allclose(found, model.predict(ROWS), atol=1e-5)


@pytest.mark.parametrize(
    ("model", "line"),
    [
        (
            MLPClassifier(**SMALL, activation="tanh"),
            "MLPClassifier has the activation 'tanh'; hidden units must be ReLU",
        ),
        (MLPRegressor(**SMALL, activation="identity"), "MLPRegressor has the activation 'identity'; hidden units must"),
        (make_pipeline(MLPClassifier(**SMALL)), "is Pipeline of scikit-learn; pass its last step, pipeline[-1]; task="),
        (GridSearchCV(MLPClassifier(**SMALL), {}, cv=2), "is GridSearchCV of scikit-learn; pass its best_estimator_"),
        (LogisticRegression(), "is LogisticRegression of scikit-learn; must be MLPClassifier or MLPRegressor"),
    ],
)
def test_other_models_are_refused(model, line):
    assert message_of(read_network, model.fit(ROWS, CLASSES > 0)).startswith(f"network: {line}")


def test_outputs_that_are_exponentials_are_refused():
    pytest.importorskip("sklearn", minversion="1.7")
    model = MLPRegressor(**SMALL, loss="poisson").fit(ROWS, CLASSES)
    line = "network: MLPRegressor has the loss 'poisson', whose outputs are no sums; fit it with loss='squared_error'"
    assert message_of(read_network, model) == line


def test_a_model_must_be_fitted():
    assert message_of(read_network, MLPClassifier()) == "network: MLPClassifier is not fitted; call its fit first"
