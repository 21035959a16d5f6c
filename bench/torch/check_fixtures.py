"""Compares these nets with a folder of reference values: check_fixtures.py FOLDER."""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from nets import SPECS, Net, Quantization
from steps import adam, evaluate, train_step
from weight_swap import WeightSwap

FAMILIES = {"WqAq": "wqaq", "WbWtAb": "wbwtab", "float": "float"}
SHARP = 1e-4
# A value that moves more than this when the reference itself runs in float64 is rounding noise there.
DETERMINED = 1e-5
# Activations of 8 bits lie within rounding error of a boundary, and one flip spreads.
BOUNDARY_LOGITS, BOUNDARY_LOSS = 0.05, 0.02


def fresh(folder, params):
    """The net of a case in its initial state."""
    family = FAMILIES[params["family"]]
    quantization = Quantization(family, params.get("W", 32), params.get("A", 32))
    model = Net(params["net"], quantization, params["cfg"])
    state = load_file(folder / f"{params['init']}.safetensors")
    model.load_state_dict({name.removeprefix("state."): value for name, value in state.items()})
    swap = WeightSwap(model.quantized_convs(), quantization.w if family == "wbwtab" else 32)
    return model, swap, adam(model, family)


def undetermined(scalars):
    """What the reference does not determine, by the names of differences()."""
    moved = scalars["float64_difference"]
    sizes = {name: size for name, size in moved.items() if isinstance(size, float)}
    sizes |= {f"loss_train{step}": size for step, size in enumerate(moved["losses"], start=1)}
    sizes |= {f"grad.{name}": size for name, size in moved["grad"]["above_1e-5"].items()}
    return {name for name, size in sizes.items() if size > DETERMINED}


def differences(folder, case):
    """Yields what was compared, by how much it differs and how much is allowed."""
    params, scalars = case["params"], case["scalars"]
    tensors = load_file(folder / case["file"])
    images, labels = tensors["images"], tensors["labels"]
    boundary = scalars["boundary_sensitive"]

    model, swap, _ = fresh(folder, params)
    logits = evaluate(model, swap, [images])[0]
    yield "logits_eval", (logits - tensors["logits_eval"]).abs().max().item(), SHARP
    loss = F.cross_entropy(logits, labels).item()
    yield "loss_eval", abs(loss - scalars["loss_eval"]), SHARP

    model, swap, optimizer = fresh(folder, params)
    for step, expected in enumerate(scalars["losses_train"], start=1):
        logits, loss = train_step(model, swap, optimizer, images, labels)
        if step == 1:
            yield from gradient_differences(model, tensors, boundary)
        difference = (logits - tensors[f"logits_train{step}"]).abs().max().item()
        yield f"logits_train{step}", difference, BOUNDARY_LOGITS if boundary else SHARP
        yield f"loss_train{step}", abs(loss - expected), BOUNDARY_LOSS if boundary else SHARP


def gradient_differences(model, tensors, boundary):
    """The gradients that the optimizer got; the gradient of a bias before a BN is only noise."""
    for name, parameter in model.named_parameters():
        expected = tensors.get(f"grad.{name}")
        if expected is None or (parameter.dim() == 1 and is_conv_bias(model, name)):
            continue
        if boundary:
            cosine = F.cosine_similarity(parameter.grad.flatten(), expected.flatten(), dim=0)
            yield f"1 - cosine of grad.{name}", 1 - cosine.item(), 0.1
        else:
            scale = expected.abs().max().clamp(min=1e-6)
            difference = ((parameter.grad - expected).abs().max() / scale).item()
            yield f"grad.{name}", difference, SHARP


def is_conv_bias(model, name):
    module, _, kind = name.rpartition(".")
    return kind == "bias" and isinstance(model.get_submodule(module), torch.nn.Conv2d)


def main():
    folder = Path(sys.argv[1])
    cases = json.loads((folder / "manifest.json").read_text())["cases"]
    failed = 0
    for case in cases:
        params = case["params"]
        if case["kind"] != "model" or params["net"] not in SPECS:
            continue
        noise = undetermined(case["scalars"]) if not case["scalars"]["boundary_sensitive"] else set()
        compared = list(differences(folder, case))
        results = [result for result in compared if result[0] not in noise]
        left_out = sorted(noise & {result[0] for result in compared})
        misses = [result for result in results if not result[1] <= result[2]]
        name, worst, allowed = max(results, key=lambda result: result[1] / result[2])
        verdict = "FAIL" if misses else "pass"
        print(f"{verdict}  {case['name']}: worst {name} {worst:.2e} of {allowed:g}")
        if left_out:
            print(f"      left out, noise in the reference too: {', '.join(left_out)}")
        for name, difference, allowed in misses:
            print(f"      {name}: {difference:.2e} of {allowed:g}")
        failed += bool(misses)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
