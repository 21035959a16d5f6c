"""The accuracy in PyTorch of nets that qprune trained: accuracy.py --data DIR FILE.pth ...

Each file (qprune convert NET NET.pth) is loaded with strict=True into the net of nets.py and tested on the
test images of CIFAR-10; the line contains its accuracy and the one that qprune recorded in the file.
"""

import argparse
import json

import torch
from torch.utils.data import DataLoader

from cifar10 import Cifar10
from epoch import TEST_BATCH, accuracy_percent
from nets import Net, Quantization
from weight_swap import WeightSwap

BITS = {"float": 32, "binary": 2, "ternary": 3}


def quantization_of(spec):
    """The net's quantization as flags of the reference scripts, which have none for mixes."""
    weights, activations = spec["quantization"]["weights"], spec["quantization"]["activations"]
    kinds = {weights["kind"], activations["kind"]}
    if kinds == {"dorefa"}:
        return Quantization("wqaq", weights["bits"], activations["bits"])
    if kinds == {"float"} and spec["sequence"] == "tnn_bin":
        return Quantization("float")
    if "dorefa" not in kinds:
        return Quantization("wbwtab", BITS[weights["kind"]], BITS[activations["kind"]])
    raise SystemExit(f"the reference scripts have no net with {kinds}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--test-limit", type=int)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    torch.set_num_threads(2)
    test = DataLoader(
        Cifar10(options.data, train=False, limit=options.test_limit), batch_size=TEST_BATCH
    )
    for file in options.files:
        checkpoint = torch.load(file, weights_only=True)
        quantization = quantization_of(json.loads(checkpoint["qprune"]["spec"]))
        model = Net(checkpoint["qprune"]["arch"], quantization, tuple(checkpoint["cfg"]))
        model.load_state_dict(checkpoint["state_dict"], strict=True)
        swapped = quantization.w if quantization.family == "wbwtab" else 32
        accuracy = accuracy_percent(model, WeightSwap(model.quantized_convs(), swapped), test)
        print(f"{file}: PyTorch {accuracy:.2f} %, qprune {checkpoint['best_acc']:.2f} %", flush=True)


if __name__ == "__main__":
    main()
