"""The typed configuration: every value is checked before any work starts.

The models have no defaults: all of them are in ``conf/``, so that no two can disagree. The description of a field
states which values it allows; error messages end with it.
"""

from collections.abc import Container
from dataclasses import dataclass
from itertools import chain
from math import prod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StrictBool,
    StrictInt,
    field_validator,
    model_serializer,
)

from neural_sculpting.config.values import (
    LONGEST_TAG,
    MAX_COUNT,
    MAX_SEED,
    MAX_THREADS,
    NAME_FOR_WANDB,
    Count,
    FolderOrSwitch,
    LimitedCount,
    NotNegative,
    Number,
    Phase,
    Phases,
    Positive,
    Share,
    Steps,
    Tag,
    Threads,
    WandbName,
    Word,
    file_of_network,
    known_or_path,
)

MAX_DENSE_ROUNDS = 1000

UNIT_CRITERIA = ("loss_sensitivity", "magnitude", "random")
EDGE_CRITERIA = ("magnitude", "relative_magnitude", "weight_gradient", "random")
ARCHITECTURES = {
    "mlp": ("hidden",),
    "residual_mlp": ("layers", "width", "mlp"),
    "cnn": ("channels", "kernel", "dense"),
    "transformer": ("layers", "width", "heads", "mlp", "norm", "causal", "positions"),
}
"""The settings of each kind of network."""

READERS = ("paper", "confirmed", "hops", "louvain", "spectral")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class TaskConfig(_Strict):
    """The name of a task and its parameters, which :mod:`neural_sculpting.tasks` checks."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: Word = Field(description="the name of a task")

    @property
    def parameters(self) -> dict[str, Any]:
        """Such as ``uses`` and ``overlap``."""
        return dict(self.__pydantic_extra__ or {})


class ArchConfig(_Strict):
    """A kind of network. Settings that its kind does not have are None, or an empty list."""

    name: Word = Field(default="mlp", description=f"{', '.join(ARCHITECTURES)}, or the import path of your own")
    hidden: tuple[Count, ...] = Field(
        default=(),
        min_length=1,
        description="a list of widths, one whole number of units, 1 or more, for each hidden layer, or null for those "
        "of network",
    )
    layers: Count | None = Field(default=None, description="a whole number of blocks, 1 or more")
    width: Count | None = Field(default=None, description="a whole number of channels, 1 or more")
    heads: Count | None = Field(default=None, description="a whole number of heads, 1 or more")
    mlp: Count | None = Field(default=None, description="a whole number of neurons, 1 or more")
    norm: Literal["none", "rms"] | None = Field(default=None, description="none or rms")
    causal: StrictBool | None = Field(default=None, description="true or false")
    positions: Literal["lags", "absolute"] | None = Field(default=None, description="lags or absolute")
    channels: tuple[Count, ...] | None = Field(
        default=None, min_length=1, description="a list of channels, 1 or more, for each convolution"
    )
    kernel: Count | None = Field(default=None, description="an odd whole number of pixels, 1 or more")
    dense: tuple[Count, ...] | None = Field(default=None, description="a list of units, 1 or more, for each layer")
    own: dict[str, Any] | None = Field(default=None, description="a group of settings of your own architecture")

    @property
    def settings(self) -> dict[str, Any]:
        """Those of its kind, by name."""
        if self.name not in ARCHITECTURES:
            return dict(self.own or {})
        return {name: getattr(self, name) for name in ARCHITECTURES[self.name]}

    def title(self, inputs: int, outputs: int) -> str:
        """Such as ``4-24-4`` for a perceptron with so many inputs and outputs, or ``transformer``."""
        return "-".join(map(str, (inputs, *self.hidden, outputs))) if self.name == "mlp" else self.name

    @property
    def named_settings(self) -> dict[str, Any]:
        """Its name and settings."""
        return {"name": self.name, **self.settings}

    @property
    def shown(self) -> str:
        """Such as ``arch.hidden=[24, 24]``."""
        if self.name == "mlp":
            return f"arch.hidden={list(self.hidden)}"
        return " ".join(f"arch.{name}={value}" for name, value in self.model_dump(mode="json").items())

    def __hash__(self) -> int:
        return hash(self.model_dump_json())  # a group of settings has no hash

    @model_serializer(mode="wrap")
    def _without_those_of_others(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {
            key: value for key, value in serialize(self).items() if value is not None and (value or key != "hidden")
        }


class NetworkConfig(_Strict):
    """A trained network from which all seeds start."""

    file: Word | None
    """Its path or trial, as given; None for a network in memory."""

    sha256: Word | None
    """Of its shape, weights and masks; filled in when the file is read."""


class TrainingConfig(_Strict):
    """A round of training. In its first three, None means the paper's value for the task and the layers."""

    lr: Positive | None = Field(description="a number above 0, or null for the paper's value")
    batch_size: LimitedCount | None = Field(
        description=f"a whole number of rows from 1 to {MAX_COUNT}, or null for the paper's value"
    )
    epochs: LimitedCount | None = Field(
        description=f"a whole number from 1 to {MAX_COUNT}, or null for the paper's value"
    )
    input_noise: NotNegative
    weight_decay: NotNegative
    class_weights: Literal["balanced"] | None = Field(description="balanced or null")
    dense_rounds: Annotated[StrictInt, Field(ge=1, le=MAX_DENSE_ROUNDS)] = Field(
        description=f"a whole number from 1 to {MAX_DENSE_ROUNDS}"
    )
    pruning_lr: Positive | None = Field(description="a number above 0, or null for that of the dense rounds")


class _PhaseConfig(_Strict):
    """One phase of pruning: the criterion that ranks its elements, and how much of them one attempt prunes."""

    known: ClassVar[tuple[str, ...]]

    criterion: Word
    step: Steps = Field(description="a percentage above 0 and below 100, or a list of different ones")
    limit: Annotated[Number, Field(gt=0, le=100)] | None = Field(
        description="a percentage above 0 and at most 100, or null for no limit"
    )
    schedule: Literal["linear", "geometric"] = Field(description="linear or geometric")
    slack: Share
    halvings: Annotated[StrictInt, Field(ge=0)] | None = Field(
        description="a whole number, 0 or more, or null for as many as lead to one element"
    )

    @field_validator("criterion")
    @classmethod
    def _known_or_path(cls, criterion: str) -> str:
        return known_or_path(criterion, cls.known)


class UnitPhaseConfig(_PhaseConfig):
    """Pruning of hidden units."""

    known = UNIT_CRITERIA
    criterion: Word = Field(description=f"{', '.join(UNIT_CRITERIA)}, or the import path of your own function")


class EdgePhaseConfig(_PhaseConfig):
    """Pruning of edges."""

    known = EDGE_CRITERIA
    criterion: Word = Field(description=f"{', '.join(EDGE_CRITERIA)}, or the import path of your own function")
    order: Literal["together", "first_layer_first", "bottom_up"] = Field(
        description="together, first_layer_first or bottom_up"
    )
    tail: Annotated[StrictInt, Field(ge=0)] = Field(description="a whole number of rejected edges, 0 or more")
    groups: StrictBool = Field(description="true or false")


class VariantConfig(_Strict):
    """A way to prune by which every trial is sculpted beside others."""

    name: Word
    phases: Phases
    unit: UnitPhaseConfig
    edge: EdgePhaseConfig


class PruningConfig(_Strict):
    """The phases of pruning and the accuracy below which an attempt is rejected."""

    accuracy_by: Literal["auto", "bits", "examples", "balanced"] = Field(description="auto, bits, examples or balanced")
    accuracy_threshold: Share | None = Field(description="a number from 0 to 1, or null where accuracy_drop counts")
    accuracy_drop: Share | None = Field(description="a number from 0 to 1, or null where accuracy_threshold counts")
    standard_errors: NotNegative
    phases: Phases = Field(description="a list of unit and edge, or one of them, in their order")
    unit: UnitPhaseConfig
    edge: EdgePhaseConfig
    reopen: Literal["fallen", "all", "none"] | None = Field(description="fallen, all or none, or null")
    variants: tuple[VariantConfig, ...] | None = Field(
        min_length=1, description="a group of names, each with keys of pruning that differ, or null"
    )

    def by_variant(self) -> list[tuple[str, "PruningConfig"]]:
        """Return each way of pruning with its name; the name of a single one is empty."""
        variants = [(each.name, {key: getattr(each, key) for key in VARIED}) for each in self.variants or ()]
        return [(name, self.model_copy(update={**keys, "variants": None})) for name, keys in variants] or [("", self)]

    def steps_of(self, phase: Phase) -> tuple[float, ...]:
        """Return the steps of a phase, in all variants; none where it is left out."""
        found = [getattr(each, phase).step for _, each in self.by_variant() if phase in each.phases]
        return tuple(dict.fromkeys(chain.from_iterable(found)))

    def without_steps(self) -> "PruningConfig":
        """Return what groups of one batch have in common."""

        def stepless(settings: Any) -> dict[str, Any]:
            return {name: getattr(settings, name).model_copy(update={"step": ()}) for name in ("unit", "edge")}

        variants = self.variants and tuple(each.model_copy(update=stepless(each)) for each in self.variants)
        return self.model_copy(update={**stepless(self), "variants": variants})

    @property
    def reopens(self) -> bool:
        """Whether pruned edges of the network that all seeds start from may come back."""
        return self.reopen in ("fallen", "all")

    @property
    def networks(self) -> int:
        """How many networks each trial has."""
        return sum(prod(len(each.steps_of(phase)) for phase in each.phases) for _, each in self.by_variant())


VARIED = ("phases", "unit", "edge")
"""The keys of pruning in which variants differ."""


class AnalysisConfig(_Strict):
    """From the sparse graph to modules."""

    reader: Word = Field(description=f"{', '.join(READERS)}, or the import path of your own function")
    hops: Count | None = Field(description="a whole number of layers, 1 or more, or null for all later layers")
    merging_threshold: Share
    modularity_threshold: Share

    @field_validator("reader")
    @classmethod
    def _known_or_path(cls, reader: str) -> str:
        return known_or_path(reader, READERS)

    @property
    def settings(self) -> dict[str, Any]:
        """Those of the readers, as keywords."""
        return self.model_dump(exclude={"reader"})

    @property
    def thresholds(self) -> dict[str, Any]:
        """The settings, with the hops that count, of readers that have thresholds; else none."""
        if self.reader not in ("paper", "hops"):
            return {}
        return self.settings | ({"hops": self.hops or 1} if self.reader == "hops" else {})


class TrainerConfig(_Strict):
    """Where and with how many threads the networks are trained."""

    accelerator: Literal["auto", "cpu", "gpu", "cuda"] = Field(description="auto, cpu, gpu or cuda")
    engine: Literal["auto", "torch", "native"] = Field(description="auto, torch or native")
    precision: Literal["fp32", "tf32", "bf16"] = Field(description="fp32, tf32 or bf16")
    threads: Threads | None = Field(
        description=f"a whole number of threads from 1 to {MAX_THREADS}, or null to fit the networks"
    )
    progress_bar: StrictBool = Field(description="true or false")
    max_networks: Count | None = Field(description="a whole number, 1 or more, or null for what memory takes")


class LoggerConfig(_Strict):
    """Where the metrics of the attempts go."""

    kind: Literal["csv", "wandb", "none"] = Field(description="csv, wandb or none")
    project: WandbName = Field(description=f"the name of a W&B project, {NAME_FOR_WANDB}")
    entity: WandbName | None = Field(
        description=f"the name of a W&B user or team, {NAME_FOR_WANDB}, or null for your default"
    )
    runs: Literal["sweep", "trial"] = Field(description="sweep or trial")
    mode: Literal["auto", "online", "offline"] = Field(description="auto, online or offline")


class Config(_Strict):
    """One trial. A group is one configuration with several seeds."""

    task: TaskConfig
    network: Annotated[NetworkConfig | None, BeforeValidator(file_of_network)] = Field(
        description="the path of a file with a trained network, .pt, .pth, .ckpt, .safetensors or .onnx, a trial of a "
        "sweep as <folder>@<seed>, or null for new ones"
    )
    arch: ArchConfig
    seed: Annotated[StrictInt, Field(ge=0, le=MAX_SEED)] = Field(description=f"a whole number from 0 to {MAX_SEED}")
    training: TrainingConfig
    pruning: PruningConfig
    analysis: AnalysisConfig
    selection: Literal["sparsest", "consensus", "simplest", "finest"] = Field(
        description="sparsest, consensus, simplest or finest"
    )
    consensus_window: Annotated[StrictInt, Field(ge=0)] = Field(description="a whole number of edges, 0 or more")
    simplest_window: Annotated[StrictInt, Field(ge=0)] = Field(description="a whole number of edges, 0 or more")
    nulls: Literal["rewired", "full"] = Field(description="rewired or full")
    objective: Literal["success", "agreement", "accuracy", "density"] = Field(
        description="success, agreement, accuracy or density"
    )
    pictures: Literal["best", "all", "none"] = Field(description="best, all or none")
    picture_weights: StrictBool = Field(description="true or false")
    report: Literal["auto", "always", "never"] = Field(description="auto, always or never")
    resume: FolderOrSwitch = Field(description="true, the folder of an earlier run, or null")
    tags: tuple[Tag, ...] = Field(description=f"a list of words of at most {LONGEST_TAG} characters")
    trainer: TrainerConfig
    logger: LoggerConfig

    def by_variant(self) -> list[tuple[str, "Config"]]:
        """Return the configuration of each way of pruning with its name, see :class:`PruningConfig`."""
        return [(name, self.model_copy(update={"pruning": each})) for name, each in self.pruning.by_variant()]


NOT_THE_RESULTS: dict[str, Any] = {
    **dict.fromkeys(("seed", "objective", "resume", "pictures", "picture_weights"), True),
    **dict.fromkeys(("report", "tags", "logger"), True),
    "trainer": {"accelerator", "engine", "threads", "progress_bar", "max_networks"},
}
"""Sections of the configuration that results do not depend on, as pydantic's ``exclude`` takes them."""


@dataclass(frozen=True)
class SeedGroup:
    """Jobs that differ in nothing but the seed; their results are stored as one group.

    Attributes:
        config: checked, with the paper's settings filled in; its own seed is ignored.
        seeds: one for each job, distinct.
        jobs: the numbers of the jobs in the sweep.
    """

    config: Config
    seeds: tuple[int, ...]
    jobs: tuple[int, ...]

    def only(self, jobs: Container[int]) -> "SeedGroup":
        """Return the group with these jobs alone."""
        kept = [(seed, job) for seed, job in zip(self.seeds, self.jobs, strict=True) if job in jobs]
        return SeedGroup(self.config, tuple(seed for seed, _ in kept), tuple(job for _, job in kept))
