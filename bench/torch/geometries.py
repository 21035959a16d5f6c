"""Writes PyTorch's convolutions and pools of many geometries, which test/tensor/pytorch compares: geometries.py FOLDER."""

import json
import math
import sys
from pathlib import Path

import torch
from torch.nn import functional as F

# Values of a result that are recorded, spread evenly; its sum covers the others.
RECORDED = 40

# name: [x NHWC, kernel HWIO, stride, padding (top, left, bottom, right), dilation, groups]
CONVS = {
    "1x1": [[2, 5, 4, 6], [1, 1, 6, 4], [1, 1], [0, 0, 0, 0], [1, 1], 1],
    "1x1 at stride 2": [[2, 5, 6, 4], [1, 1, 4, 6], [2, 2], [0, 0, 0, 0], [1, 1], 1],
    "padded 1x1": [[1, 3, 4, 4], [1, 1, 4, 4], [1, 1], [1, 1, 1, 1], [1, 1], 1],
    "3x3": [[2, 6, 5, 4], [3, 3, 4, 6], [1, 1], [1, 1, 1, 1], [1, 1], 1],
    "3x3 without padding": [[1, 6, 5, 3], [3, 3, 3, 4], [1, 1], [0, 0, 0, 0], [1, 1], 1],
    "3x3 at stride 2, even sides": [[1, 8, 6, 4], [3, 3, 4, 4], [2, 2], [1, 1, 1, 1], [1, 1], 1],
    "3x3 at stride 2, odd sides": [[1, 7, 9, 4], [3, 3, 4, 4], [2, 2], [1, 1, 1, 1], [1, 1], 1],
    "7x7 at stride 2": [[1, 9, 10, 3], [7, 7, 3, 4], [2, 2], [3, 3, 3, 3], [1, 1], 1],
    "4x4 at stride 3 with rows left over": [[1, 9, 12, 2], [4, 4, 2, 3], [3, 3], [0, 0, 0, 0], [1, 1], 1],
    "1x7": [[1, 4, 9, 3], [1, 7, 3, 4], [1, 1], [0, 3, 0, 3], [1, 1], 1],
    "7x1": [[1, 9, 4, 3], [7, 1, 3, 4], [1, 1], [3, 0, 3, 0], [1, 1], 1],
    "3x5 at strides 2x1": [[1, 7, 8, 3], [3, 5, 3, 4], [2, 1], [1, 2, 1, 2], [1, 1], 1],
    "padding at the end": [[1, 8, 6, 3], [3, 3, 3, 4], [2, 2], [0, 0, 1, 1], [1, 1], 1],
    "four paddings": [[1, 6, 7, 3], [4, 5, 3, 4], [1, 2], [1, 2, 3, 0], [1, 1], 1],
    "dilated 3x3": [[1, 7, 8, 3], [3, 3, 3, 4], [1, 1], [2, 2, 2, 2], [2, 2], 1],
    "dilations 3x2 at stride 2": [[1, 9, 10, 3], [3, 2, 3, 4], [2, 2], [2, 1, 3, 0], [3, 2], 1],
    "2 groups": [[1, 5, 6, 6], [3, 3, 3, 8], [1, 1], [1, 1, 1, 1], [1, 1], 2],
    "3 groups at stride 2": [[1, 7, 6, 6], [3, 3, 2, 9], [2, 2], [1, 1, 1, 1], [1, 1], 3],
    "dilated groups": [[1, 7, 7, 4], [3, 3, 2, 6], [1, 1], [2, 2, 2, 2], [2, 2], 2],
    "depthwise 3x3": [[2, 6, 7, 12], [3, 3, 1, 12], [1, 1], [1, 1, 1, 1], [1, 1], 12],
    "depthwise 3x3 on wide maps": [[2, 5, 18, 9], [3, 3, 1, 9], [1, 1], [1, 1, 1, 1], [1, 1], 9],
    "depthwise 3x3 at stride 2, even sides": [[2, 8, 6, 10], [3, 3, 1, 10], [2, 2], [1, 1, 1, 1], [1, 1], 10],
    "depthwise 3x3 at stride 2, odd sides": [[2, 7, 9, 8], [3, 3, 1, 8], [2, 2], [1, 1, 1, 1], [1, 1], 8],
    "depthwise 5x5": [[1, 7, 6, 11], [5, 5, 1, 11], [1, 1], [2, 2, 2, 2], [1, 1], 11],
    "depthwise 5x5 at stride 2": [[1, 9, 8, 8], [5, 5, 1, 8], [2, 2], [2, 2, 2, 2], [1, 1], 8],
    "depthwise on maps smaller than the kernel": [[2, 2, 3, 8], [5, 5, 1, 8], [1, 1], [2, 2, 2, 2], [1, 1], 8],
    "depthwise, padding at the end": [[1, 8, 8, 8], [3, 3, 1, 8], [2, 2], [0, 0, 1, 1], [1, 1], 8],
    "depthwise at strides 3x2": [[1, 10, 9, 5], [3, 4, 1, 5], [3, 2], [1, 2, 0, 1], [1, 1], 5],
    "depthwise, dilated at stride 2": [[1, 9, 8, 8], [3, 3, 1, 8], [2, 2], [2, 2, 2, 2], [2, 2], 8],
    "depthwise with 2 filters per channel": [[2, 6, 5, 4], [3, 3, 1, 8], [1, 1], [1, 1, 1, 1], [1, 1], 4],
    "depthwise with 3 filters per channel at stride 2": [[1, 6, 7, 3], [3, 3, 1, 9], [2, 2], [1, 1, 1, 1], [1, 1], 3],
    "depthwise with 2 filters per channel at strides 2x1": [[1, 6, 7, 3], [2, 3, 1, 6], [2, 1], [1, 1, 0, 1], [1, 1], 3],
}

# name: [x NHWC, kernel, stride, padding, roundsUp, countsPadding]
POOLS = {
    "2x2": [[2, 6, 4, 5], [2, 2], [2, 2], [0, 0, 0, 0], False, True],
    "3x3 at stride 2": [[2, 8, 7, 5], [3, 3], [2, 2], [1, 1, 1, 1], False, True],
    "3x3 at stride 2 without its padding": [[1, 8, 7, 4], [3, 3], [2, 2], [1, 1, 1, 1], False, False],
    "3x3 at stride 1 without its padding": [[1, 5, 6, 4], [3, 3], [1, 1], [1, 1, 1, 1], False, False],
    "3x3 at stride 2 rounded up": [[1, 8, 6, 4], [3, 3], [2, 2], [0, 0, 0, 0], True, True],
    "3x3 at stride 2 padded and rounded up": [[1, 8, 6, 4], [3, 3], [2, 2], [1, 1, 1, 1], True, True],
    "the same without its padding": [[1, 8, 6, 4], [3, 3], [2, 2], [1, 1, 1, 1], True, False],
    "2x2 at stride 3 rounded up": [[1, 8, 7, 3], [2, 2], [3, 3], [1, 1, 1, 1], True, True],
    "2x3 at strides 1x2": [[1, 6, 9, 3], [2, 3], [1, 2], [1, 1, 1, 1], False, False],
    "4x2 at strides 3x2 rounded up": [[1, 9, 8, 3], [4, 2], [3, 2], [2, 0, 2, 0], True, True],
    "whole maps": [[2, 4, 5, 3], [4, 5], [4, 5], [0, 0, 0, 0], False, True],
}


def values(shape, seed):
    """Multiples of 1 / 64 from -2 to 2, the same in every language."""
    index = torch.arange(torch.Size(shape).numel(), dtype=torch.int64)
    return (((index * 7919 + seed * 104729) % 257 - 128).float() / 64).reshape(shape)


def excerpt(tensor):
    """The shape of a result, its sum, and values at even distances."""
    flat = tensor.detach().contiguous().reshape(-1)
    step = max(1, flat.numel() // RECORDED)
    while math.gcd(step, tensor.shape[-1]) > 1:  # or some channels would be left out
        step += 1
    kept = [float(f"{value:.7g}") for value in flat[::step].tolist()]
    return {"shape": list(tensor.shape), "sum": float(f"{flat.double().sum():.9g}"), "step": step, "values": kept}


def to_nchw(x):
    return x.permute(0, 3, 1, 2)


def to_nhwc(x):
    return x.permute(0, 2, 3, 1)


def conv_case(name, shape, kernel_shape, stride, padding, dilation, groups):
    x, kernel = values(shape, 1).requires_grad_(), values(kernel_shape, 2).requires_grad_()
    top, left, bottom, right = padding
    source = F.pad(to_nchw(x), (left, right, top, bottom))
    y = to_nhwc(F.conv2d(source, kernel.permute(3, 2, 0, 1), None, stride, 0, dilation, groups))
    y.backward(values(y.shape, 3))
    return {
        "name": name, "x": shape, "kernel": kernel_shape, "stride": stride, "padding": padding,
        "dilation": dilation, "groups": groups,
        "y": excerpt(y), "dx": excerpt(x.grad), "dKernel": excerpt(kernel.grad),
    }


def pool_case(name, shape, kernel, stride, padding, rounds_up, counts_padding):
    border = padding[:2]
    case = {
        "name": name, "x": shape, "kernel": kernel, "stride": stride, "padding": padding,
        "roundsUp": rounds_up, "countsPadding": counts_padding,
    }
    pools = {
        "max": lambda x: F.max_pool2d(x, kernel, stride, border, ceil_mode=rounds_up),
        "average": lambda x: F.avg_pool2d(x, kernel, stride, border, rounds_up, counts_padding),
    }
    for kind, pool in pools.items():
        # Coarse values, so that windows hold equal maxima.
        x = (values(shape, 1) * 2).round().requires_grad_()
        y = to_nhwc(pool(to_nchw(x)))
        y.backward(values(y.shape, 3))
        case[kind] = {"y": excerpt(y), "dx": excerpt(x.grad)}
    return case


def write(folder, name, cases):
    lines = ",\n".join(json.dumps(case) for case in cases)
    (folder / f"{name}.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    write(Path(sys.argv[1]), "convolutions", [conv_case(name, *case) for name, case in CONVS.items()])
    write(Path(sys.argv[1]), "pools", [pool_case(name, *case) for name, case in POOLS.items()])
