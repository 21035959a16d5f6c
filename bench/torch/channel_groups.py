"""Writes which layers Torch-Pruning couples and which channels it keeps, with the state dicts of the nets.

Needs torch-pruning 1.6: channel_groups.py OUT_FOLDER. bench/channel-groups.js compares them with qprune's.
"""

import json
import sys
import time
from pathlib import Path

import torch
import torch_pruning
from torch import nn
from torch_pruning.pruner import function

from cifar_nets import CifarResnet, CifarVgg, Densenet

NETS = {
    "vgg16_cifar": lambda: CifarVgg((2, 2, 3, 3, 3), 10),
    "resnet20": lambda: CifarResnet(20, "A", 10),
    "resnet20_b": lambda: CifarResnet(20, "B", 10),
    "resnet56_b": lambda: CifarResnet(56, "B", 10),
    "densenet40": lambda: Densenet(40, 12, 10),
}
OUTPUTS = {function.prune_conv_out_channels, function.prune_linear_out_channels}


def filter_norms(group):
    """Mean over the layers of a group of each filter's l1 norm relative to its layer."""
    scores = []
    for dependency, indices in group:
        if dependency.handler not in OUTPUTS:
            continue
        norms = dependency.target.module.weight.detach().abs().flatten(1).sum(1)
        scores.append((norms / norms.mean())[indices])
    return torch.stack(scores).mean(0)


def groups_of(net, head):
    images = torch.randn(1, 3, 32, 32)
    start = time.perf_counter()
    graph = torch_pruning.DependencyGraph().build_dependency(net, images)
    names = {module: name for name, module in net.named_modules()}
    rows = []
    for group in graph.get_all_groups(ignored_layers=[head], root_module_types=[nn.Conv2d]):
        layers = [
            names[dependency.target.module] for dependency, _ in group if dependency.handler in OUTPUTS
        ]
        scores = filter_norms(group)
        kept = scores.argsort(descending=True)[: len(scores) - len(scores) // 2]
        rows.append({"layers": sorted(set(layers)), "keep": sorted(kept.tolist())})
    return rows, time.perf_counter() - start


def main():
    folder = Path(sys.argv[1])
    for name, build in NETS.items():
        torch.manual_seed(1)
        net = build().eval()
        torch.save(net.state_dict(), folder / f"{name}.pth")
        head = [module for module in net.modules() if isinstance(module, nn.Linear)][-1]
        try:
            groups, seconds = groups_of(net, head)
        except Exception as error:  # noqa: BLE001: what it cannot do is part of the result
            groups, seconds = None, repr(error)
        (folder / f"{name}.json").write_text(json.dumps({"groups": groups, "seconds": seconds}))


main()
