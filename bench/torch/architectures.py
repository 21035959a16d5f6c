"""Lists the tensors and costs of the built-in architectures in PyTorch, as JSON.

Needs torchvision 0.29 and efficientnet_lite_pytorch:
architectures.py > test/models/architectures/source-nets.json
"""

import hashlib
import json
import math

import torch
import torchvision
from efficientnet_lite_pytorch import EfficientNet
from torch import nn

from cifar_nets import BirealResnet, CifarResnet, CifarVgg, Densenet

VGG_DEPTHS = {
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}
TORCHVISION = [
    "vgg11_bn",
    "vgg13_bn",
    "vgg16_bn",
    "vgg19_bn",
    "resnet18",
    "resnet34",
    "resnet50",
    "mobilenet_v2",
    "shufflenet_v2_x0_5",
    "shufflenet_v2_x1_0",
    "squeezenet1_1",
]


def cifar_resnet18(classes):
    """torchvision's ResNet-18 with a small stem."""
    net = torchvision.models.resnet18(num_classes=classes)
    net.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    net.maxpool = nn.Identity()
    return net


def cifar_nets():
    """Nets for 32x32 pixels and 10 classes, by name."""
    for depth, depths in VGG_DEPTHS.items():
        yield f"vgg{depth}_cifar", CifarVgg(depths, 10)
    for depth in (20, 32, 44, 56, 110):
        yield f"resnet{depth}", CifarResnet(depth, "A", 10)
        yield f"resnet{depth}_b", CifarResnet(depth, "B", 10)
    for depth in (20, 32):
        yield f"resnet{depth}_bireal", BirealResnet(depth, 10)
    yield "resnet18_cifar", cifar_resnet18(10)
    yield "densenet40", Densenet(40, 12, 10)


def imagenet_nets():
    """Nets for 224x224 pixels and 1000 classes, by name."""
    for name in TORCHVISION:
        yield name, getattr(torchvision.models, name)(num_classes=1000)
    yield "efficientnet_lite0", EfficientNet.from_name("efficientnet-lite0")


def macs_of(net, side):
    """Multiply-accumulate operations of convolutions and dense layers, for one image."""
    total = 0

    def count(module, _, output):
        nonlocal total
        total += output[0].numel() * math.prod(module.weight.shape[1:])

    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(count)
    net.eval()(torch.zeros(1, 3, side, side))
    return total


def facts_of(net, side):
    """The numbers of tensors, parameters and MACs, and a digest of the names and shapes in their order."""
    state = net.state_dict()
    lines = [f"{name} [{','.join(map(str, value.shape))}]" for name, value in state.items()]
    return {
        "side": side,
        "tensors": len(lines),
        "parameters": sum(parameter.numel() for parameter in net.parameters()),
        "macs": macs_of(net, side),
        "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest(),
    }


def main():
    torch.set_num_threads(1)
    with torch.no_grad():
        facts = {name: facts_of(net, 32) for name, net in cifar_nets()}
        facts |= {name: facts_of(net, 224) for name, net in imagenet_nets()}
    versions = {"torch": torch.__version__, "torchvision": torchvision.__version__}
    print(json.dumps({"madeBy": "bench/torch/architectures.py", **versions, "nets": facts}, indent=2))


if __name__ == "__main__":
    main()
