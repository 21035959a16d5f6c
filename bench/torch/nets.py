"""NIN and NIN-GC in eager PyTorch, as float, DoReFa (wqaq) and binary or ternary (wbwtab) nets."""

from dataclasses import dataclass

import torch
from torch import nn

from quantizers import BinaryActivation, DorefaActivation, DorefaConv2d


@dataclass(frozen=True)
class Spec:
    """A net as data: per conv its kernel side, groups and the groups of the shuffle before it."""

    cfg: tuple
    kernels: tuple
    groups: tuple
    shuffles: tuple
    pools: dict  # conv index -> the pool after it
    pooled_side: object  # side of a map -> its side after one pool


SPECS = {
    "nin": Spec(
        cfg=(192, 160, 96, 192, 192, 192, 192, 192),
        kernels=(5, 1, 1, 5, 1, 1, 3, 1, 1),
        groups=(1,) * 9,
        shuffles=(1,) * 9,
        pools={
            2: lambda: nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
            5: lambda: nn.AvgPool2d(kernel_size=3, stride=2, padding=1),
        },
        pooled_side=lambda side: (side + 1) // 2,
    ),
    "nin_gc": Spec(
        cfg=(256, 256, 256, 512, 512, 512, 1024, 1024),
        kernels=(5, 1, 1, 3, 1, 1, 3, 1, 1),
        groups=(1, 2, 2, 16, 4, 4, 32, 8, 1),
        shuffles=(1, 1, 2, 2, 16, 4, 4, 32, 1),
        pools={
            2: lambda: nn.MaxPool2d(kernel_size=2, stride=2),
            5: lambda: nn.MaxPool2d(kernel_size=2, stride=2),
        },
        pooled_side=lambda side: side // 2,
    ),
}


@dataclass(frozen=True)
class Quantization:
    """family: float, wqaq (bits of weights and activations) or wbwtab (W 2, 3, 32 and A 2, 32)."""

    family: str
    w: int = 32
    a: int = 32

    def activation(self):
        if self.family == "wqaq":
            return DorefaActivation(self.a)
        return BinaryActivation(self.a) if self.family == "wbwtab" else nn.ReLU(inplace=True)

    def conv(self, *args, **kwargs):
        if self.family == "wqaq":
            return DorefaConv2d(*args, bits=self.w, **kwargs)
        return nn.Conv2d(*args, **kwargs)


def channel_shuffle(x, groups):
    n, c, h, w = x.shape
    return x.view(n, groups, c // groups, h, w).transpose(1, 2).contiguous().view(n, c, h, w)


class Block(nn.Module):
    """Quantize the input (unless the block before did), shuffle, convolve, normalise."""

    def __init__(self, conv, quantize_input, shuffle, quantize_output):
        super().__init__()
        self.quantize_input = quantize_input
        self.shuffle = shuffle
        self.conv = conv
        self.bn = nn.BatchNorm2d(conv.out_channels)
        self.quantize_output = quantize_output

    def forward(self, x):
        if self.quantize_input is not None:
            x = self.quantize_input(x)
        if self.shuffle > 1:
            x = channel_shuffle(x, self.shuffle)
        x = self.bn(self.conv(x))
        return x if self.quantize_output is None else self.quantize_output(x)


def sequence(spec, quantization, widths, classes, side):
    """The layers in order; their indices are those of the state dict's names."""
    layers = [nn.Conv2d(3, widths[0], 5, padding=2), nn.BatchNorm2d(widths[0])]
    for i in range(1, 8):
        kernel = spec.kernels[i]
        conv = quantization.conv(
            widths[i - 1], widths[i], kernel, padding=kernel // 2, groups=spec.groups[i]
        )
        quantize_input = None if i - 1 in spec.pools else quantization.activation()
        quantize_output = quantization.activation() if i in spec.pools else None
        if i == 7:
            quantize_output = nn.ReLU(inplace=True)
        layers.append(Block(conv, quantize_input, spec.shuffles[i], quantize_output))
        if i in spec.pools:
            layers.append(spec.pools[i]())
            side = spec.pooled_side(side)
    layers += [nn.Conv2d(widths[7], classes, 1), nn.BatchNorm2d(classes)]
    layers += [nn.ReLU(inplace=True), nn.AvgPool2d(side, stride=1)]
    return nn.Sequential(*layers)


class Net(nn.Module):
    """net: nin or nin_gc. The sequence is called dorefa in wqaq, tnn_bin elsewhere."""

    def __init__(self, net, quantization, cfg=None, classes=10, size=32):
        super().__init__()
        spec = SPECS[net]
        self.prefix = "dorefa" if quantization.family == "wqaq" else "tnn_bin"
        layers = sequence(spec, quantization, cfg or spec.cfg, classes, size)
        self.add_module(self.prefix, layers)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d) and quantization.family == "wbwtab":
                nn.init.uniform_(module.weight)

    def forward(self, x):
        return torch.flatten(getattr(self, self.prefix)(x), 1)

    def quantized_convs(self):
        """The seven inner convolutions."""
        return [module.conv for module in self.modules() if isinstance(module, Block)]
