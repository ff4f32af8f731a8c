"""The network's graph: its blocks in the order in which they run, with shapes, parameters and multiply-adds."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn

_STARTS = (nn.Conv2d, nn.Linear, nn.MaxPool2d, nn.AvgPool2d)


@dataclass(slots=True, kw_only=True)
class Block:
    """A layer with what follows it at once, or a block of several layers around a shortcut."""

    name: str  # in the network
    title: str  # e.g. "conv 5×5", "residual", "linear"
    extras: list[str] = field(default_factory=list)  # e.g. "relu", "dropout 0.3"
    shape: tuple[int, ...]  # of the output for one picture: (channels, height, width) or (features,)
    parameters: int
    multiply_adds: int


@torch.inference_mode()
def blocks_of(network: nn.Module, *, channels: int, input_size: int) -> list[Block]:
    """Run one empty picture through ``network`` and note what happens."""
    blocks: list[Block] = []
    inside: list[int] = []  # multiply-adds of convolutions and linear layers within a larger block

    def count(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        inside.append(_multiply_adds(_module, output))

    def note(name: str, module: nn.Module, _inputs: object, output: Tensor) -> None:
        parameters = sum(parameter.numel() for parameter in module.parameters())
        multiply_adds = sum(inside)
        inside.clear()
        shape = tuple(output.shape[1:])
        if _starts_block(module) or not blocks:
            title = _title(module)
            blocks.append(
                Block(name=name, title=title, shape=shape, parameters=parameters, multiply_adds=multiply_adds)
            )
        elif not isinstance(module, nn.Identity):
            if len(shape) < len(blocks[-1].shape):  # pooled by a function, which no hook sees
                blocks.append(Block(name="", title="mean over places", shape=shape, parameters=0, multiply_adds=0))
            block = blocks[-1]
            block.extras.append(_title(module))
            block.shape = shape
            block.parameters += parameters

    hooks = [
        module.register_forward_hook(count) for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)
    ]
    hooks += [unit.register_forward_hook(partial(note, name)) for name, unit in _units(network, "")]
    training = network.training
    device = next(network.parameters()).device
    try:
        network.eval()(torch.zeros(1, channels, input_size, input_size, device=device))
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
    return blocks


def _units(module: nn.Module, prefix: str) -> list[tuple[str, nn.Module]]:
    """Layers of plain chains, and blocks with an inner life as wholes."""
    units = []
    for name, child in module.named_children():
        full = f"{prefix}{name}"
        if isinstance(child, nn.Sequential | nn.ModuleList):
            units += _units(child, f"{full}.")
        else:
            units.append((full, child))
    return units


def _starts_block(module: nn.Module) -> bool:
    return isinstance(module, _STARTS) or any(True for _ in module.children())


def _multiply_adds(module: nn.Module, output: Tensor) -> int:
    if isinstance(module, nn.Conv2d):
        size = module.kernel_size[0] * module.kernel_size[1]
        return output[0].numel() * size * module.in_channels // module.groups
    assert isinstance(module, nn.Linear)
    return module.in_features * module.out_features


def _title(module: nn.Module) -> str:
    match module:
        case nn.Conv2d():
            return f"conv {module.kernel_size[0]}×{module.kernel_size[1]}"
        case nn.MaxPool2d() | nn.AvgPool2d():
            return f"pool {module.kernel_size}"
        case nn.BatchNorm2d():
            return "norm"
        case nn.Dropout():
            return f"dropout {module.p:g}"
        case _:
            return type(module).__name__.lstrip("_").lower()
