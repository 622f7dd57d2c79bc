"""The layers that the forward of a torch module calls, in the order of their calls, as torch.fx traces them."""

import inspect
from collections.abc import Iterator
from typing import Any, cast

from torch import Tensor, fx, nn

from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.pretrained.chains import ALLOWED, STATISTICS, Kind, Link, Norm
from neural_sculpting.pretrained.layers import LinearLayer, check_convolution, check_pooling, float_array
from neural_sculpting.pretrained.state_dicts import layer_of_tensors

KINDS: dict[str, Kind] = {"relu": "ReLU", "sigmoid": "Sigmoid", "softmax": "Softmax", "log_softmax": "LogSoftmax"}
"""Functions and methods of torch by what they are in a chain; those with ``_`` at the end work in place."""

SHAPING = {
    *("flatten", "view", "reshape", "squeeze", "contiguous", "clone", "detach", "dropout"),
    *("to", "type", "type_as", "cpu", "float", "double", "half", "bfloat16"),
}
"""Functions and methods that do nothing to rows of logits or to evaluated networks, but round or move them."""

WITHOUT_EFFECT = (
    *(nn.Identity, nn.AlphaDropout, nn.FeatureAlphaDropout),
    *(nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d),
)
"""Layers that do nothing when a network is evaluated."""

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.SyncBatchNorm)

NOT_RELU = ", and hidden units must be ReLU: train it with ReLU instead"
SKIP = " (a skip connection); pass a network without it"


def links_of_module(module: nn.Module, source: str) -> Iterator[Link]:
    """Yield the layers and activations of a module in the order in which its forward calls them."""
    if fx.Tracer().is_leaf_module(module, ""):
        yield from _links_of_layer(module, "", source)
        return
    steps = _traced(module, source)
    constants = fx.Interpreter(fx.GraphModule(module, steps))
    data, result = next(iter(steps.nodes)), next(iter(reversed(steps.nodes)))
    needed = _needed(result)
    activations, sizes = {data}, set[fx.Node]()
    for node in steps.nodes:
        if node not in needed or node is data:
            continue
        values = [each for each in node.all_input_nodes if each in activations]
        if node.op == "placeholder":
            raise UserError(f"{source}: its forward takes more than the inputs of the task; must take them alone")
        if _is_size(node) or (not values and sizes.intersection(node.all_input_nodes)):
            sizes.add(node)
        elif not values:
            constants.env[node] = constants.run_node(node)
        elif node is result and node.args[0] is not data:
            raise UserError(f"{source}: returns something else than the outputs of its last layer alone")
        elif node is not result:
            if values != [data]:
                problem = "joins several layers" if len(values) > 1 else "does not follow the step before it"
                raise UserError(f"{source}: {_name(node)} {problem}{SKIP}; must be {ALLOWED}")
            yield from _links_of_step(module, node, constants.env, source)
            activations.add(node)
            data = node


def has_forward(module: nn.Module) -> bool:
    """Whether a module has a forward of its own, not that of ``nn.Module`` or of Lightning, which only raises."""
    owner = next(kind for kind in type(module).__mro__ if "forward" in vars(kind))
    return owner is not nn.Module and owner.__name__ != "LightningModule"


def _traced(module: nn.Module, source: str) -> fx.Graph:
    """Trace a module; parameters of its forward other than the first have their defaults."""
    others = list(inspect.signature(module.forward).parameters.values())[1:]
    defaults = {each.name: each.default for each in others if each.default is not each.empty}
    try:
        return _Tracer().trace(module, defaults)
    except Exception as error:  # the user's code may raise anything
        advice = "pass the nn.Sequential of its layers, or an ONNX file of it"
        reason = (
            f"a forward that cannot be traced ({on_one_line(error)[:200]})" if has_forward(module) else "no forward"
        )
        raise UserError(f"{source}: {type(module).__name__} has {reason}; {advice}") from None


class _Tracer(fx.Tracer):
    """Traces through parts that torch.compile has wrapped."""

    def call_module(self, m: nn.Module, forward: Any, args: Any, kwargs: Any) -> Any:
        inner = getattr(m, "_orig_mod", None)
        return super().call_module(m, forward, args, kwargs) if inner is None else inner(*args, **kwargs)


def _needed(result: fx.Node) -> set[fx.Node]:
    found, waiting = {result}, [result]
    while waiting:
        new = [node for node in waiting.pop().all_input_nodes if node not in found]
        found.update(new)
        waiting += new
    return found


def _is_size(node: fx.Node) -> bool:
    return node.target in ("size", "dim") or (node.target is getattr and node.args[1] in ("shape", "ndim"))


def _name(node: fx.Node) -> str:
    return f"layer {node.target}" if node.op == "call_module" else f"step {node.name}"


def _links_of_step(module: nn.Module, node: fx.Node, constants: dict[fx.Node, Any], source: str) -> Iterator[Link]:
    if node.op == "call_module":
        yield from _links_of_layer(module.get_submodule(str(node.target)), str(node.target), source)
        return
    function = (node.target if isinstance(node.target, str) else getattr(node.target, "__name__", "")).rstrip("_")
    if function in KINDS:
        yield Link(KINDS[function], _name(node))
    elif function == "linear":
        passed: dict[str, Any] = dict(zip(("input", "weight", "bias"), node.args, strict=False)) | node.kwargs
        named = {part: constants[passed[part]] for part in ("weight", "bias") if passed.get(part) in constants}
        yield Link("Linear", _name(node), layer_of_tensors(node.name, named, source))
    elif function == "max_pool2d":
        given: dict[str, Any] = {key: value for key, value in node.kwargs.items() if key != "input"}
        yield from _links_of_layer(nn.MaxPool2d(*cast(Any, node.args[1:]), **given), node.name, source)
    elif function not in SHAPING:
        is_activation = function.replace("_", "") in map(str.lower, nn.modules.activation.__all__)
        advice = NOT_RELU if is_activation else ""
        raise UserError(f"{source}: {_name(node)} calls {function}{advice}; must be {ALLOWED}")


def _links_of_layer(module: nn.Module, path: str, source: str) -> Iterator[Link]:
    """Yield the link of a module of torch's own, if it does anything; ``path`` locates it, such as ``2.0``."""
    name = f"layer {path}" if path else "it"
    if isinstance(module, nn.Linear):
        yield Link("Linear", name, _weighted(module, path or "0", source))
    elif isinstance(module, nn.Conv2d):
        check_convolution(module, f"{source}: {name} is Conv2d")
        yield Link("Conv2d", name, _weighted(module, path or "0", source))
    elif isinstance(module, nn.MaxPool2d):
        check_pooling(module, f"{source}: {name} is MaxPool2d")
        yield Link("MaxPool2d", name)
    elif isinstance(module, NORMS) and module.running_mean is not None:
        tensors = {part: getattr(module, part) for part in (*STATISTICS, "weight", "bias")}
        arrays = {k: float_array(v, f"{source}: tensor {path}.{k}") for k, v in tensors.items() if v is not None}
        yield Link("BatchNorm", name, norm=Norm.of(arrays, module.eps, f"{source}: {name}"))
    elif isinstance(module, nn.ReLU):
        yield Link("ReLU", name)
    elif isinstance(module, nn.Sigmoid):
        yield Link("Sigmoid", name)
    elif isinstance(module, nn.Softmax | nn.LogSoftmax) and module.dim in (None, 1, -1):
        yield Link("Softmax" if isinstance(module, nn.Softmax) else "LogSoftmax", name)
    elif not (isinstance(module, WITHOUT_EFFECT) or _flattens_rows(module)):
        raise UserError(f"{source}: {name} is {type(module).__name__}{_advice(module)}; must be {ALLOWED}")


def _flattens_rows(module: nn.Module) -> bool:
    return isinstance(module, nn.Flatten) and (module.start_dim, module.end_dim) == (1, -1)


def _weighted(module: nn.Linear | nn.Conv2d, path: str, source: str) -> LinearLayer:
    """Read a layer; if ``torch.nn.utils.prune`` has masked a tensor, its weights and its mask."""
    if module._forward_pre_hooks and not isinstance(
        module, nn.modules.lazy.LazyModuleMixin
    ):  # such as those of weight_norm, which compute the weight when the layer is called
        module(module.weight.new_zeros(1, *module.weight.shape[1:]))
    tensors: dict[str, Tensor] = {}
    for kind in ("weight", "bias"):
        names = (f"{kind}_orig", f"{kind}_mask") if hasattr(module, f"{kind}_mask") else (kind,)
        tensors |= {name: getattr(module, name) for name in names if getattr(module, name) is not None}
    return layer_of_tensors(path, tensors, source)


def _advice(module: nn.Module) -> str:
    """Explain why a module is refused, and what to do, if there is more to it than that it is unknown."""
    kind = type(module).__name__
    if "quantized" in type(module).__module__:
        return " with numbers that are rounded to integers; pass the network as it was before it was quantized"
    if type(module).__module__ == nn.Tanh.__module__:
        return " over other axes than the outputs" if isinstance(module, nn.Softmax | nn.LogSoftmax) else NOT_RELU
    if isinstance(module, nn.Flatten):
        return " of other axes than those behind the first"
    if isinstance(module, NORMS):
        return " without running statistics, which depends on the other rows"
    if "Norm" in kind:
        return ", which cannot be a part of a Linear; only BatchNorm can"
    if "Conv" in kind or "Pool" in kind:
        return "; pass the Linear layers behind it, and their inputs as those of the task"
    return ""
