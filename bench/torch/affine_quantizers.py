"""Prints what PyTorch's fake quantization and observers compute for small tensors, as JSON: test/quant/affine-torch.json."""

import json
import sys

import torch
from torch.ao.quantization.observer import MinMaxObserver, MovingAverageMinMaxObserver, PerChannelMinMaxObserver

torch.manual_seed(1)
TENSORS = {
    "ties": [step * 0.25 for step in range(-9, 10)],
    "zeros": [0.0] * 5,
    "one value": [0.7],
    "outlier": [0.01, -0.02, 0.03, 0.5, -0.4, 40.0],
    "never negative": torch.rand(40).tolist(),
    "normal": torch.randn(60).tolist(),
    "never positive": (-torch.rand(20)).tolist(),
}


def fake_quantized(values):
    cases = []
    for bits, scale, zero in [(8, 0.5, 3), (8, 0.013, 120), (4, 0.5, 7), (2, 0.3, 1), (3, 1.0, 0)]:
        x = torch.tensor(values, requires_grad=True)
        y = torch.fake_quantize_per_tensor_affine(x, scale, zero, 0, 2**bits - 1)
        y.sum().backward()
        cases.append({"bits": bits, "scale": scale, "zero": zero, "y": y.tolist(), "dx": x.grad.tolist()})
    return cases


def grid(values):
    observer = MinMaxObserver(dtype=torch.quint8, quant_min=0, quant_max=255)
    observer(torch.tensor(values))
    scale, zero = observer.calculate_qparams()
    return {"scale": scale.item(), "zero": zero.item()}


def moving_average(values):
    observer = MovingAverageMinMaxObserver()
    for factor in (1.0, 0.5, 3.0):
        observer(torch.tensor(values) * factor)
    return {"low": observer.min_val.item(), "high": observer.max_val.item()}


def kernels():
    cases = []
    for shape in ([4, 2, 3, 3], [1, 3, 1, 1], [5, 1, 3, 3]):
        w = torch.randn(shape)
        w[0, 0, 0, 0] = 0
        observer = PerChannelMinMaxObserver(
            ch_axis=0, dtype=torch.qint8, qscheme=torch.per_channel_symmetric, quant_min=-127, quant_max=127
        )
        observer(w)
        scale, zero = observer.calculate_qparams()
        y = torch.fake_quantize_per_channel_affine(w, scale, zero.int(), 0, -127, 127)
        cases.append({"shape": shape, "w": w.flatten().tolist(), "scale": scale.tolist(), "y": y.flatten().tolist()})
    return cases


json.dump(
    {
        "tensors": [
            {
                "name": name,
                "x": torch.tensor(values).tolist(),
                "fakeQuantized": fake_quantized(values),
                "grid": grid(values),
                "movingAverage": moving_average(values),
            }
            for name, values in TENSORS.items()
        ],
        "kernels": kernels(),
    },
    sys.stdout,
)
