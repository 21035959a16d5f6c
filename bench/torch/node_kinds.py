"""Computes small nets with PyTorch, node by node, and prints an excerpt of their outputs as JSON.

Reads a JSON list of {"name", "graph", "weights", "image"} from standard input; weights are {"shape", "values"} by name,
the image is [height, width, channels]. The values in test/graph/node-kinds.json were made by this script from the nets
of test/graph/node-kinds.ts, with the weights of test/graph/random-model.ts.
"""

import json
import sys

import torch
import torch.nn.functional as F

STEP = 7

FUNCTIONS = {
    "relu": F.relu,
    "relu6": F.relu6,
    "sigmoid": torch.sigmoid,
    "silu": F.silu,
    "hardSigmoid": F.hardsigmoid,
    "hardSwish": F.hardswish,
}


def borders(padding):
    """[top, left, bottom, right] in the order of F.pad."""
    top, left, bottom, right = padding
    return [left, right, top, bottom]


def quantize(x, quantizer):
    kind = quantizer["kind"]
    if kind == "binary":
        return torch.sign(x) if quantizer["values"] == "sign" else (x > 0).float()
    if kind == "ternary":
        return torch.sign(x) * (x.abs() > 0.5)
    if kind == "affine":
        scale, zero = quantizer["range"]["scale"], quantizer["range"]["zero"]
        return torch.fake_quantize_per_tensor_affine(x, scale, zero, 0, 2 ** quantizer["bits"] - 1)
    if kind == "float" or quantizer["bits"] == 32:
        return x
    bits, is_signed = quantizer["bits"], quantizer.get("isSigned", False)
    unit = (x * quantizer["scale"]).clamp(-1 if is_signed else 0, 1)
    if bits == 1:
        return torch.sign(unit)
    levels = 2 ** (bits - 1) - 1 if is_signed else 2**bits - 1
    return torch.round(unit * levels) / levels


def convolve(node, x, kernel, bias):
    x = F.pad(x, borders(node["padding"]))
    return F.conv2d(x, kernel, bias, node["stride"], 0, node["dilation"], node["groups"])


def average(node, x):
    """avg_pool2d, or for different padding on opposite sides, which it does not have, sums / counts."""
    top, left, bottom, right = node["padding"]
    sides = {"kernel_size": node["kernel"], "stride": node["stride"], "ceil_mode": node["roundsUp"]}
    if (top, left) == (bottom, right):
        return F.avg_pool2d(
            x, padding=(top, left), count_include_pad=node["countsPadding"], **sides
        )
    area = node["kernel"][0] * node["kernel"][1]
    ones = torch.ones_like(x)
    padded = F.pad(x, borders(node["padding"]))
    counted = F.pad(ones, borders(node["padding"]), value=1.0 if node["countsPadding"] else 0.0)
    sums = [F.avg_pool2d(each, divisor_override=area, **sides) for each in (padded, counted)]
    return sums[0] / sums[1]


def pool(node, x):
    top, left, bottom, right = node["padding"]
    sides = {"kernel_size": node["kernel"], "stride": node["stride"], "ceil_mode": node["roundsUp"]}
    if (top, left) == (bottom, right):
        return F.max_pool2d(x, padding=(top, left), **sides)
    return F.max_pool2d(F.pad(x, borders(node["padding"]), value=float("-inf")), **sides)


def per_channel(values, x):
    return values.reshape([1, -1] + [1] * (x.dim() - 2))


def normalize(node, x, read):
    return F.batch_norm(
        x,
        read("running_mean"),
        read("running_var"),
        read("weight"),
        read("bias"),
        eps=node["epsilon"],
    )


def resize(node, x):
    corners = {"align_corners": node["alignsCorners"]} if node["method"] == "bilinear" else {}
    return F.interpolate(x, size=(node["height"], node["width"]), mode=node["method"], **corners)


def reshape(node, x):
    shape = node["shape"]
    return x.reshape(1, *([shape[2], shape[0], shape[1]] if len(shape) == 3 else shape))


def pad(node, x):
    return F.pad(x, borders(node["padding"]) + list(node.get("channels", [0, 0])), value=node["value"])


def activate(node, x):
    if node["function"] == "leakyRelu":
        return F.leaky_relu(x, node["slope"])
    return FUNCTIONS[node["function"]](x)


def global_pool(node, x):
    y = x.mean((2, 3), keepdim=True) if node["function"] == "mean" else x.amax((2, 3), keepdim=True)
    return y if node["keepsMaps"] else y.flatten(1)


def product(factors):
    return factors[0] * factors[1]


def compute(node, inputs, read):
    x = inputs[0]
    return {
        "activation": lambda: activate(node, x),
        "add": lambda: sum(inputs),
        "affine": lambda: per_channel(read("scale"), x) * x - per_channel(read("threshold"), x),
        "averagePool": lambda: average(node, x),
        "batchNorm": lambda: normalize(node, x, read),
        "concat": lambda: torch.cat(inputs, 1),
        "conv": lambda: convolve(node, x, read("weight"), read("bias")),
        "dense": lambda: F.linear(x, read("weight"), read("bias")),
        "dropout": lambda: F.dropout(x, node["rate"], training=False),
        "flatten": lambda: x.flatten(1),
        "globalPool": lambda: global_pool(node, x),
        "maxPool": lambda: pool(node, x),
        "multiply": lambda: product(inputs),
        "pad": lambda: pad(node, x),
        "pixelShuffle": lambda: F.pixel_shuffle(x, node["factor"]),
        "prelu": lambda: F.prelu(x, read("weight")),
        "quantize": lambda: quantize(x, node["quantizer"]),
        "reshape": lambda: reshape(node, x),
        "resize": lambda: resize(node, x),
        "shuffle": lambda: F.channel_shuffle(x, node["groups"]),
        "softmax": lambda: torch.softmax(x, 1),
        "split": lambda: torch.split(x, node["sizes"], 1),
    }[node["kind"]]()


def run(case):
    graph, weights = case["graph"], case["weights"]
    height, width, channels = graph["inputs"][0]["shape"]
    image = torch.tensor(case["image"]).reshape(1, height, width, channels).permute(0, 3, 1, 2)
    values = {graph["inputs"][0]["name"]: image}
    for node in graph["nodes"]:

        def read(suffix, name=node["name"]):
            found = weights.get(f"{name}.{suffix}")
            return found and torch.tensor(found["values"]).reshape(found["shape"])

        output = compute(node, [values[value] for value in node["inputs"]], read)
        if isinstance(output, tuple):
            values.update({f"{node['name']}:{index}": part for index, part in enumerate(output)})
        else:
            values[node["name"]] = output
    result = values[graph["outputs"][0]["value"]]
    return result.permute(0, 2, 3, 1) if result.dim() == 4 else result


def excerpt(result):
    """The shape without the batch, every seventh number, and the sum of all."""
    numbers = [float(f"{number:.6g}") for number in result.flatten()[::STEP].tolist()]
    total = float(f"{result.double().sum().item():.6g}")
    return {"shape": list(result.shape[1:]), "numbers": numbers, "sum": total}


if __name__ == "__main__":
    torch.set_num_threads(1)
    json.dump({case["name"]: excerpt(run(case)) for case in json.load(sys.stdin)}, sys.stdout)
