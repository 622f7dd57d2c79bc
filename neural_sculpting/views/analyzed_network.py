"""The modules of a network that was not sculpted here, from its masks."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neural_sculpting.analysis import Hierarchy, check_masks
from neural_sculpting.analysis.readers import Function
from neural_sculpting.config.schemas import AnalysisConfig
from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.architectures import architecture_of_trained
from neural_sculpting.networks.layout import Layout, as_perceptron
from neural_sculpting.pretrained import TrainedNetwork
from neural_sculpting.records.readings import AboutTask, NetworkReader, with_masks
from neural_sculpting.scoring.labels import NUMBERED, Labels
from neural_sculpting.sculpting.loaded import LoadedAccuracy
from neural_sculpting.tasks import Task
from neural_sculpting.views.pictures.drawing import draw_trial
from neural_sculpting.views.shown import ShownHierarchy


@dataclass(frozen=True, eq=False)
class AnalyzedNetwork:
    """A network and its modules. A notebook shows its picture; printing it shows the hierarchy.

    Attributes:
        masks: ``(fan_in, fan_out)`` for each weight layer.
        modules: the kept units, clusters and modules of each layer.
        title: of the picture.
        labels: how inputs and outputs are named.
        image_shape: (height, width) of each image if the inputs are pixels.
        loaded: its accuracy on the examples of a task; None without a task.
        weights: in the shapes of the masks; None where only the masks are known.
    """

    masks: tuple[NDArray[np.bool_], ...]
    modules: Hierarchy
    title: str
    labels: Labels = NUMBERED
    image_shape: tuple[int, int] | None = None
    loaded: LoadedAccuracy | None = None
    weights: tuple[NDArray[Any], ...] | None = None

    @cached_property
    def hierarchy(self) -> ShownHierarchy:
        """The modules, with the attributes ``inputs`` and ``outputs``; edges go from the used to the using module."""
        return ShownHierarchy(self.modules.graph, self.labels)

    @property
    def edges(self) -> int:
        """The number of edges."""
        return sum(int(np.count_nonzero(mask)) for mask in self.masks)

    def picture(self, *, weights: bool = False) -> str:
        """Draw the network beside the hierarchy of its modules, as SVG; with `weights`, edges show sign and size.

        Raises:
            UserError: if weights are asked for and only the masks are known.
        """
        if weights and self.weights is None:
            raise UserError("weights: only the masks of this network are known; give the network itself")
        layers = "-".join(map(str, (*map(len, self.masks), self.masks[-1].shape[1])))
        share = self.edges / max(1, sum(mask.size for mask in self.masks))
        return draw_trial(
            self.masks,
            self.modules,
            title=self.title,
            subtitle=f"{layers} · density {share:.2%}"
            + (f" · accuracy {self.loaded.accuracy:.1%}" if self.loaded else ""),
            image_shape=self.image_shape,
            labels=self.labels,
            weights=self.weights if weights else None,
        )

    def __str__(self) -> str:
        return f"{self.hierarchy}\n{self.loaded.text}" if self.loaded else str(self.hierarchy)

    __repr__ = __str__

    def _repr_svg_(self) -> str:
        return self.picture()


def analyze_network(
    network: TrainedNetwork | Sequence[ArrayLike],
    settings: AnalysisConfig,
    *,
    title: str = "Network",
    labels: Labels = NUMBERED,
    image_shape: tuple[int, int] | None = None,
    loaded: LoadedAccuracy | None = None,
    task: Task | None = None,
) -> AnalyzedNetwork:
    """Find the modules of a network and their hierarchy, without training it.

    Args:
        network: a trained network; or its masks, ``(fan_in, fan_out)`` for each weight layer from the inputs up, in
            which whatever is not zero is an edge.
        settings: of the analysis.
        title: of the picture.
        labels: how inputs and outputs are named.
        image_shape: as for :class:`AnalyzedNetwork`.
        loaded: likewise.
        task: what a trained network computes, for readers that ask for its function.

    Raises:
        UserError: if the masks are not those of one network, or the reader or a convolution needs a task.
    """
    given: Sequence[ArrayLike]
    weights, function = None, None
    if isinstance(network, TrainedNetwork):
        layout = _layout_of(network, task)
        given, weights = layout.stage_masks(network.edges), tuple(layout.stage_weights(network.row[: layout.edges]))
    else:
        given = network
    masks = tuple(np.asarray(mask) != 0 for mask in given)
    try:
        check_masks(masks)
        reader = NetworkReader(settings.reader, settings.settings, None if task is None else AboutTask.of(task))
        if isinstance(network, TrainedNetwork):
            function = partial(_function_of, network, layout, reader)
        found = reader.read(masks, function)
        modules = with_masks(found.hierarchy, masks)
    except ValueError as error:
        raise UserError(on_one_line(error)) from error
    return AnalyzedNetwork(masks, modules, title, labels, image_shape, loaded, weights)


def _layout_of(network: TrainedNetwork, task: Task | None) -> Architecture:
    if task is not None:
        return architecture_of_trained(network, task)
    if network.kernels:
        raise UserError(
            "task: missing; a network with convolutions needs one, whose images have the size that it reads"
        )
    return Layout(network.layers)


def _function_of(network: TrainedNetwork, layout: Architecture, reader: NetworkReader) -> Function:
    as_perceptron(layout, "readers that ask for a function")
    return reader.function_of_layers(network.weights, network.biases)
