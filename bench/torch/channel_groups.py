"""Writes which layers Torch-Pruning couples and which filters it keeps, with the state dicts of the nets.

Needs torch-pruning 1.6 and torchvision: channel_groups.py OUT_FOLDER. bench/channel-groups.js compares them with qprune's.
"""

import copy
import json
import sys
import time
from pathlib import Path

import torch
import torch_pruning
import torchvision
from torch import nn
from torch_pruning.pruner import function

from cifar_nets import CifarResnet, CifarVgg, Densenet

# Each net with the side of its images and its classes.
NETS = {
    "vgg16_cifar": (lambda: CifarVgg((2, 2, 3, 3, 3), 10), 32, 10),
    "resnet20": (lambda: CifarResnet(20, "A", 10), 32, 10),
    "resnet20_b": (lambda: CifarResnet(20, "B", 10), 32, 10),
    "resnet56_b": (lambda: CifarResnet(56, "B", 10), 32, 10),
    "densenet40": (lambda: Densenet(40, 12, 10), 32, 10),
    "resnet18": (torchvision.models.resnet18, 64, 1000),
    "mobilenet_v2": (torchvision.models.mobilenet_v2, 64, 1000),
    "shufflenet_v2_x1_0": (torchvision.models.shufflenet_v2_x1_0, 64, 1000),
}
RATIO = 0.5
OUTPUTS = {
    function.prune_conv_out_channels,
    function.prune_linear_out_channels,
    function.prune_depthwise_conv_out_channels,
}
REPEATS = 3


def filters_of(group):
    """The layers of a group whose filters it removes, each once, with their indices."""
    layers = {}
    for dependency, indices in group:
        if dependency.handler in OUTPUTS:
            layers.setdefault(dependency.target.module, indices)
    return layers


def filter_norms(power):
    """Mean over the layers of a group of each filter's norm relative to its layer."""

    def importance(group):
        scores = []
        for layer, indices in filters_of(group).items():
            norms = layer.weight.detach().double().abs().flatten(1).pow(power).sum(1).pow(1 / power)
            scores.append((norms / norms.mean())[indices])
        return torch.stack(scores).mean(0)

    return importance


def gammas(group):
    """Mean over the norms of a group of |gamma|; None without norms."""
    scores = {}
    for dependency, indices in group:
        if isinstance(dependency.target.module, nn.BatchNorm2d):
            module = dependency.target.module
            scores.setdefault(module, module.weight.detach().double().abs()[indices])
    return torch.stack(list(scores.values())).mean(0) if scores else None


CRITERIA = {"l1": filter_norms(1), "l2": filter_norms(2), "gamma": gammas}


def pruned(net, images, criterion, scope):
    """The groups, the filters that stay of each layer, and the seconds for planning and applying."""
    own = copy.deepcopy(net)
    head = [module for module in own.modules() if isinstance(module, nn.Linear)][-1]
    names = {module: name for name, module in own.named_modules()}
    counts = {
        name: module.weight.shape[0]
        for module, name in names.items()
        if isinstance(module, (nn.Conv2d, nn.Linear))
    }
    start = time.perf_counter()
    pruner = torch_pruning.pruner.BasePruner(
        own,
        images,
        importance=CRITERIA[criterion],
        global_pruning=scope == "global",
        pruning_ratio=RATIO,
        ignored_layers=[head],
        root_module_types=[nn.Conv2d, nn.Linear],
    )
    groups, removed = [], {}
    for group in pruner.step(interactive=True):
        layers = {names[layer]: indices for layer, indices in filters_of(group).items()}
        groups.append(sorted(layers))
        for name, indices in layers.items():
            removed.setdefault(name, set()).update(indices)
        group.prune()
    seconds = time.perf_counter() - start
    own(images)
    keep = {
        name: [index for index in range(counts[name]) if index not in indices]
        for name, indices in removed.items()
    }
    return {"groups": groups, "keep": keep, "seconds": seconds}


def main():
    # As qprune, which plans and applies in one thread.
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    for name, (build, side, classes) in NETS.items():
        torch.manual_seed(1)
        net = build().eval()
        for module in net.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.weight)
        torch.save(net.state_dict(), folder / f"{name}.pth")
        images = torch.randn(1, 3, side, side)
        runs = []
        for criterion in CRITERIA:
            for scope in ("local", "global"):
                run = {"criterion": criterion, "scope": scope}
                try:
                    tries = [pruned(net, images, criterion, scope) for _ in range(REPEATS)]
                    run |= min(tries, key=lambda each: each["seconds"])
                except Exception as error:  # noqa: BLE001: what it cannot do is part of the result
                    run |= {"error": repr(error).splitlines()[0][:120]}
                runs.append(run)
        text = json.dumps({"side": side, "classes": classes, "ratio": RATIO, "runs": runs})
        (folder / f"{name}.json").write_text(text)


main()
