"""The quantizers in eager PyTorch: forward values, and gradients by autograd functions."""

import torch
from torch import nn
from torch.autograd import Function

ACTIVATION_SCALE = 0.1


class Round(Function):
    """Round half to even; the gradient passes straight through."""

    @staticmethod
    def forward(ctx, x):
        return torch.round(x)

    @staticmethod
    def backward(ctx, grad):
        return grad


class StraightSign(Function):
    """sign(x); the gradient passes straight through."""

    @staticmethod
    def forward(ctx, x):
        return torch.sign(x)

    @staticmethod
    def backward(ctx, grad):
        return grad


class SaturatingSign(Function):
    """sign(x); the gradient is zero where |x| >= 1."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.sign(x)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * (x.abs() < 1)


class DorefaActivation(nn.Module):
    """ReLU, then clamp(0.1 x, 0, 1) on 2^bits - 1 steps; 32 bits: the ReLU alone."""

    def __init__(self, bits):
        super().__init__()
        self.bits = bits
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        x = self.relu(x)
        if self.bits == 32:
            return x
        x = torch.clamp(x * ACTIVATION_SCALE, 0, 1)
        if self.bits == 1:
            return StraightSign.apply(x)
        levels = 2**self.bits - 1
        return Round.apply(x * levels) / levels


class BinaryActivation(nn.Module):
    """sign(x) for A = 2, a ReLU for A = 32."""

    def __init__(self, a):
        super().__init__()
        self.a = a
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        return SaturatingSign.apply(x) if self.a == 2 else self.relu(x)


def dorefa_weight(weight, bits):
    """tanh, scaled into [0, 1] by the largest of the tensor, rounded, scaled to [-1, 1]."""
    if bits == 32:
        return weight
    if bits == 1:
        scale = weight.abs().mean().detach()
        return StraightSign.apply(weight / scale) * scale
    levels = 2**bits - 1
    squashed = torch.tanh(weight)
    unit = squashed / 2 / squashed.abs().max() + 0.5
    return 2 * Round.apply(unit * levels) / levels - 1


class DorefaConv2d(nn.Conv2d):
    """A convolution whose weight is quantized in every forward pass."""

    def __init__(self, *args, bits, **kwargs):
        super().__init__(*args, **kwargs)
        self.bits = bits

    def forward(self, x):
        return self._conv_forward(x, dorefa_weight(self.weight, self.bits), self.bias)
