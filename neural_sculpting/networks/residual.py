"""Networks around a stream of channels that blocks read and add to: multilayer perceptrons, and attention between them.

Reference: Vaswani et al. 2017, "Attention is all you need"; the stream as in Elhage et al. 2021, "A mathematical
framework for transformer circuits".
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neural_sculpting.networks.architecture import Edits, Pattern
from neural_sculpting.networks.matrices import Amounts, MatrixArchitecture, Shapes, Weight, unit_of

STREAM = "stream"
EPSILON = 1e-5
"""Added to mean squares before they divide."""

Norm = Literal["none", "rms"]
Positions = Literal["lags", "absolute"]


@dataclass(frozen=True)
class Residual(MatrixArchitecture):
    """A stream of ``width`` channels for each token of the input, and blocks; without heads, one for a whole row.

    Attributes:
        task: with the shape (tokens, features), unless there are no heads.
        blocks: each attention, if there are heads, and then a perceptron.
        width: channels of the stream.
        mlp: neurons of each perceptron.
        heads: of each attention; 0 for none. Each has width / heads channels of values.
        norm: rms divides what a block reads by its root mean square, without a gain, which weights can hold. What all
            channels share by that is no edge of the graph.
        causal: whether tokens read none that follow.
        positions: lags gives a head a preference for each distance, absolute a token channels for its place.
    """

    task: Shapes
    blocks: int
    width: int
    mlp: int
    heads: int = 0
    norm: Norm = "none"
    causal: bool = True
    positions: Positions = "lags"

    @property
    def tokens(self) -> int:
        """Tokens of the sequences that are learned."""
        return self.task.input_shape[0] if self.heads else 1

    @property
    def features(self) -> int:
        """Inputs of a token."""
        return self.inputs // self.tokens

    @property
    def outputs_of_token(self) -> int:
        """Outputs of each of the last tokens."""
        return self.task.output_shape[1] if self.heads and self.task.output_shape else self.outputs

    @cached_property
    def units(self) -> dict[str, int]:
        """Channels of the stream, and of each block heads, channels of values, and neurons."""
        found = {STREAM: self.width}
        for block in range(self.blocks):
            if self.heads:
                found |= {f"heads{block}": self.heads, f"values{block}": self.width}
            found[f"neurons{block}"] = self.mlp
        return found

    @cached_property
    def weights(self) -> tuple[Weight, ...]:
        """Embedding, blocks and readout."""
        width, each, stream = self.width, self.width // max(1, self.heads), ((STREAM, 1),)
        found = [Weight("embed", (self.features, width), (), stream, gain=1.5)]
        if self.heads and self.positions == "absolute":
            found.append(Weight("places", (self.tokens, width), (), stream, bias=False, gain=1.5))
        for block in range(self.blocks):
            of_heads, of_values = (f"heads{block}", each), (f"values{block}", 1)
            if self.heads:
                for name in ("query", "key"):
                    shape, wide = (width, width), (1, each)
                    found.append(Weight(f"{name}{block}", shape, stream, (of_heads,), gain=1.0, block=wide))
                if self.positions == "lags":
                    lags = (self._span, self.heads)
                    found.append(Weight(f"lags{block}", lags, (), ((f"heads{block}", 1),), bias=False, gain=1.0))
                into, out = (of_heads, of_values), (width, width)
                found.append(Weight(f"value{block}", out, stream, into, bias=False, gain=1.0, block=(1, each)))
                found.append(Weight(f"merge{block}", out, into, stream, bias=False, gain=1.0, block=(each, 1)))
            neurons = ((f"neurons{block}", 1),)
            found.append(Weight(f"up{block}", (width, self.mlp), stream, neurons))
            found.append(Weight(f"down{block}", (self.mlp, width), neurons, stream, bias=False, gain=0.7))
        return *found, Weight("readout", (width, self.outputs_of_token), stream, gain=1.0)

    @property
    def _span(self) -> int:
        return self.tokens if self.causal else 2 * self.tokens - 1

    @property
    def activations(self) -> int:
        """About how many numbers a row becomes."""
        of_block = 4 * self.width + 2 * self.mlp + (6 * self.width + 3 * self.heads * self.tokens if self.heads else 0)
        return self.tokens * (self.features + 3 * self.width + self.blocks * of_block)

    @property
    def macs(self) -> int:
        """About the multiply-accumulate operations of a row."""
        return self.tokens * (self.edges + 2 * self.blocks * self.tokens * self.width * bool(self.heads))

    def forward(self, parameters: Tensor, rows: Tensor, edits: Edits) -> Tensor:
        """Compute logits; sequences may have another number of tokens than those learned."""
        return self._run(parameters, rows, edits, [])

    def _run(self, parameters: Tensor, rows: Tensor, edits: Edits, patterns: list[Tensor]) -> Tensor:
        """Compute logits, and append the patterns of each block, ``(network, head, token, token, row)``.

        Values are laid out as ``(network, channel, token, row)``: products are fast if their last axis is long.
        """
        weights, biases = self.split(parameters)
        networks, count = rows.shape[:2]
        tokens = rows.shape[2] // self.features

        def linear(name: str, source: Tensor) -> Tensor:
            flat = source.flatten(2)
            if name in biases:
                found = torch.baddbmm(biases[name].mT, weights[name].mT, flat)
            else:
                found = torch.bmm(weights[name].mT, flat)
            return found.view(networks, -1, *source.shape[2:])

        def edited(values: Tensor, kind: str) -> Tensor:
            return edits[kind](values) if kind in edits else values

        def read() -> Tensor:
            return stream if self.norm == "none" else stream / (stream.square().mean(1, keepdim=True) + EPSILON).sqrt()

        stream = linear("embed", rows.mT.view(networks, tokens, -1, count).transpose(1, 2))
        if "places" in weights:
            stream = stream + weights["places"].mT[:, :, torch.arange(tokens).clamp(max=self.tokens - 1), None]
        stream = edited(stream, STREAM)
        for block in range(self.blocks):
            if self.heads:
                source = read()
                query, key, values = (linear(f"{name}{block}", source) for name in ("query", "key", "value"))
                patterns.append(self._pattern(query, key, weights.get(f"lags{block}")))
                moved = patterns[-1][:, :, None] * self._by_head(edited(values, f"values{block}")).unsqueeze(3)
                moved = edited(moved.sum(dim=4), f"heads{block}")
                stream = edited(stream + linear(f"merge{block}", moved.flatten(1, 2)), STREAM)
            neurons = edited(linear(f"up{block}", read()).relu(), f"neurons{block}")
            stream = edited(stream + linear(f"down{block}", neurons), STREAM)
        found = linear("readout", stream[:, :, self._first_answered(tokens) :])
        return found.permute(0, 3, 2, 1).flatten(2)

    def _first_answered(self, tokens: int) -> int:
        """The first token with outputs: the last one if it alone has them, else as in the sequences learned."""
        positions = self.outputs // self.outputs_of_token
        return tokens - 1 if positions == 1 else self.tokens - positions

    def _by_head(self, values: Tensor) -> Tensor:
        """``(network, head, channel, token, row)``."""
        return values.view(len(values), self.heads, -1, *values.shape[2:])

    def _pattern(self, query: Tensor, key: Tensor, lags: Tensor | None) -> Tensor:
        tokens = query.shape[2]
        scores = (self._by_head(query).unsqueeze(4) * self._by_head(key).unsqueeze(3)).sum(dim=2)
        scores = scores / (self.width // self.heads) ** 0.5
        place = torch.arange(tokens, device=query.device)
        lag = place[:, None] - place
        if lags is not None:
            row = (lag if self.causal else lag + self.tokens - 1).clamp(0, self._span - 1)
            scores = scores + lags[:, row].permute(0, 3, 1, 2).unsqueeze(4)
        if self.causal:
            scores = scores.masked_fill((lag < 0).unsqueeze(2), -torch.inf)
        pattern: Tensor = scores.softmax(dim=3)
        return pattern

    @property
    def nodes(self) -> list[list[tuple[str, int]]]:
        """Channels of the stream at every stage, beside heads, their values, and neurons."""
        stream = [(STREAM, channel) for channel in range(self.width)]
        found = [stream]
        for block in range(self.blocks):
            for kind in (f"heads{block}", f"values{block}") if self.heads else ():
                found += [[*((kind, number) for number in range(self.units[kind])), *stream]]
            found += [stream] * bool(self.heads)
            found += [[*((f"neurons{block}", number) for number in range(self.mlp)), *stream], stream]
        return found

    def attention(self, parameters: NDArray[np.float32], rows: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """What heads attend to, ``(head, token that reads, token that is read, row)`` for each block."""
        patterns: list[Tensor] = []
        with torch.no_grad():
            self._run(torch.from_numpy(parameters)[None], torch.from_numpy(rows)[None], {}, patterns)
        return [of_block[0].numpy() for of_block in patterns]

    def patterns(self, parameters: NDArray[np.float32], rows: NDArray[np.float32]) -> list[Pattern]:
        """The mean attention of each head, and as its nodes that of its pattern and those of its values."""
        found, each = [], self.width // max(1, self.heads)
        for block, of_block in enumerate(self.attention(parameters, rows) if len(rows) else ()):
            for head, image in enumerate(of_block.mean(axis=3)):
                values = range(head * each, (head + 1) * each)
                nodes = [self.nodes_of(f"values{block}", value)[0] for value in values]
                nodes = [*self.nodes_of(f"heads{block}", head), *nodes]
                found.append(Pattern(f"head {head}", f"attention {block + 1}", tuple(nodes), {"": image}, signed=False))
        return found

    def stages(self, amounts: Amounts) -> list[NDArray[np.float64]]:
        """Lay out the graph; queries and keys of a head lead to a node for its pattern, and this to its values."""
        skip, heads = np.eye(self.width), max(1, self.heads)
        of_feature = _renumbered(unit_of(self.task.input_units, self.inputs)[: self.features])
        of_output = _renumbered(unit_of(self.task.output_units, self.outputs)[: self.outputs_of_token])
        found = [np.stack([amounts["embed"][of_feature == unit].sum(axis=0) for unit in range(of_feature.max() + 1)])]
        for block in range(self.blocks):
            if self.heads:
                routing = (amounts[f"query{block}"] + amounts[f"key{block}"]).reshape(self.width, heads, -1).sum(axis=2)
                own = np.repeat(np.eye(heads), self.width // heads, axis=1)
                no_pattern = np.zeros((heads, self.width))
                found.append(np.hstack([routing, skip]))
                found.append(np.block([[own, no_pattern], [amounts[f"value{block}"], skip]]))
                found.append(np.vstack([amounts[f"merge{block}"], skip]))
            found.append(np.hstack([amounts[f"up{block}"], skip]))
            found.append(np.vstack([amounts[f"down{block}"], skip]))
        readout = amounts["readout"]
        outputs = [readout[:, of_output == unit].sum(axis=1) for unit in range(of_output.max() + 1)]
        return [*found, np.stack(outputs, axis=1)]


def _renumbered(units: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the units that occur 0, 1, … in their order."""
    return np.unique(units, return_inverse=True)[1]
