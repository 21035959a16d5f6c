"""ResNet-20 and MobileNetV2 with the quantizers where qprune places them, with the names of their sources.

Every convolution except the first has quantized weights and an input quantizer; the dense layer keeps full
precision. Signs are taken of the values before the ReLU; shortcuts keep full precision.
"""

import torch
from torch import nn
from torch.nn import functional as F

from quantizers import Round, SaturatingSign

RELU6_SCALE = 1 / 6
PLAIN_SCALE = 0.1


class Quantizer(nn.Module):
    """The quantizer of a convolution's input: DoReFa of [0, 1] or, if signed, of [-1, 1]; or the sign."""

    def __init__(self, quantization, signed=False, scale=PLAIN_SCALE):
        super().__init__()
        self.is_sign = quantization.family == "wbwtab" and quantization.a == 2
        self.levels = 0
        if quantization.family == "wqaq" and quantization.a < 32:
            self.levels = 2 ** (quantization.a - 1) - 1 if signed else 2**quantization.a - 1
        self.least = -1 if signed else 0
        self.scale = scale

    def forward(self, x):
        if self.is_sign:
            return SaturatingSign.apply(x)
        if not self.levels:
            return x
        return Round.apply(torch.clamp(x * self.scale, self.least, 1) * self.levels) / self.levels


def rectifier(quantization, function):
    """The activation before a quantizer; none before signs."""
    is_sign = quantization.family == "wbwtab" and quantization.a == 2
    return nn.Identity() if is_sign else function


class Block(nn.Module):
    """A residual block, from the values before its first ReLU to those before the next block's."""

    def __init__(self, quantization, inputs, outputs, stride):
        super().__init__()
        self.quantize1 = Quantizer(quantization)
        self.conv1 = quantization.conv(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu1 = rectifier(quantization, nn.ReLU(inplace=True))
        self.quantize2 = Quantizer(quantization)
        self.conv2 = quantization.conv(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.added = outputs - inputs

    def forward(self, x):
        rectified = F.relu(x)
        y = self.quantize1(x if self.quantize1.is_sign else rectified)
        y = self.quantize2(self.relu1(self.bn1(self.conv1(y))))
        y = self.bn2(self.conv2(y))
        if self.added:
            before = self.added // 2
            around = (0, 0, 0, 0, before, self.added - before)
            rectified = F.pad(rectified[:, :, ::2, ::2], around)
        return y + rectified


class Resnet20(nn.Module):
    def __init__(self, quantization, classes=10, size=32):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        inputs = 16
        for stage, outputs in enumerate((16, 32, 64), start=1):
            blocks = []
            for index in range(3):
                stride = 2 if stage > 1 and index == 0 else 1
                blocks.append(Block(quantization, inputs, outputs, stride))
                inputs = outputs
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
        self.linear = nn.Linear(64, classes)

    def forward(self, x):
        x = self.bn1(self.conv1(x))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(F.relu(x).mean((2, 3)))


class InvertedResidual(nn.Module):
    def __init__(self, quantization, inputs, outputs, stride, expansion):
        super().__init__()
        self.is_residual = stride == 1 and inputs == outputs
        hidden = inputs * expansion
        layers = []
        if expansion != 1:
            layers += [Quantizer(quantization, signed=True)]
            layers += [quantization.conv(inputs, hidden, 1, bias=False)]
            layers += [nn.BatchNorm2d(hidden), rectifier(quantization, nn.ReLU6(inplace=True))]
        layers += [Quantizer(quantization, scale=RELU6_SCALE)]
        depthwise = {"stride": stride, "padding": 1, "groups": hidden, "bias": False}
        layers += [quantization.conv(hidden, hidden, 3, **depthwise)]
        layers += [nn.BatchNorm2d(hidden), rectifier(quantization, nn.ReLU6(inplace=True))]
        layers += [Quantizer(quantization, scale=RELU6_SCALE)]
        layers += [quantization.conv(hidden, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]
        self.conv = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.conv(x) if self.is_residual else self.conv(x)


class MobileNetV2(nn.Module):
    """Sandler et al. 2018, table 2."""

    STAGES = (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    )

    def __init__(self, quantization, classes=10, size=96):
        super().__init__()
        layers = [nn.Conv2d(3, 32, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(32)]
        layers += [rectifier(quantization, nn.ReLU6(inplace=True))]
        inputs = 32
        for expansion, outputs, count, stride in self.STAGES:
            for index in range(count):
                step = stride if index == 0 else 1
                layers.append(InvertedResidual(quantization, inputs, outputs, step, expansion))
                inputs = outputs
        layers += [Quantizer(quantization, signed=True)]
        layers += [quantization.conv(inputs, 1280, 1, bias=False), nn.BatchNorm2d(1280)]
        layers += [nn.ReLU6(inplace=True)]
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


GRAPH_NETS = {"resnet20": Resnet20, "mobilenet_v2": MobileNetV2}


def quantized_convs(model):
    """All convolutions but the first."""
    return [module for module in model.modules() if isinstance(module, nn.Conv2d)][1:]
