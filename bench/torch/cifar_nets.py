"""Nets for images of 32x32 pixels, with the state-dict names of the programs that made them known."""

import torch
from torch import nn
from torch.nn import functional as F


class Shortcut(nn.Module):
    """Every second pixel, with channels of zeros on both sides (option A of He et al. 2015)."""

    def __init__(self, added):
        super().__init__()
        self.before = added // 2
        self.after = added - self.before

    def forward(self, x):
        return F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.before, self.after))


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, stride, option):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if inputs != outputs and option == "A":
            self.shortcut = Shortcut(outputs - inputs)
        elif inputs != outputs:
            conv = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.shortcut = nn.Sequential(conv, nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


class CifarResnet(nn.Module):
    """Names of akamaster/pytorch_resnet_cifar10."""

    def __init__(self, depth, option, classes, width=1):
        super().__init__()
        widths = [round(width * channels) for channels in (16, 32, 64)]
        blocks = (depth - 2) // 6
        self.conv1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        for stage, outputs in enumerate(widths):
            inputs = widths[max(0, stage - 1)]
            first = ResidualBlock(inputs, outputs, 2 if stage else 1, option)
            others = [ResidualBlock(outputs, outputs, 1, option) for _ in range(blocks - 1)]
            setattr(self, f"layer{stage + 1}", nn.Sequential(first, *others))
        self.linear = nn.Linear(widths[-1], classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))


class BirealBlock(nn.Module):
    """Two 3x3 convolutions in full precision, each with a shortcut around it and a PReLU."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.prelu1 = nn.PReLU(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.prelu2 = nn.PReLU(outputs)
        self.stride = stride
        self.missing = outputs - inputs

    def forward(self, x):
        short = F.avg_pool2d(x, self.stride) if self.stride > 1 else x
        before = self.missing // 2
        short = F.pad(short, (0, 0, 0, 0, before, self.missing - before))
        x = self.prelu1(self.bn1(self.conv1(x)) + short)
        return self.prelu2(self.bn2(self.conv2(x)) + x)


class BirealResnet(nn.Module):
    """The layers of CifarResnet with a shortcut around every convolution (Liu et al. 2018, Bi-Real Net)."""

    def __init__(self, depth, classes, width=1):
        super().__init__()
        widths = [round(width * channels) for channels in (16, 32, 64)]
        blocks = (depth - 2) // 6
        self.conv1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.prelu1 = nn.PReLU(widths[0])
        for stage, outputs in enumerate(widths):
            inputs = widths[max(0, stage - 1)]
            first = BirealBlock(inputs, outputs, 2 if stage else 1)
            others = [BirealBlock(outputs, outputs, 1) for _ in range(blocks - 1)]
            setattr(self, f"layer{stage + 1}", nn.Sequential(first, *others))
        self.linear = nn.Linear(widths[-1], classes)

    def forward(self, x):
        x = self.prelu1(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))


class DenseLayer(nn.Module):
    def __init__(self, inputs, outputs, kernel):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)

    def forward(self, x):
        return self.conv1(F.relu(self.bn1(x)))


class DenseBlock(nn.Module):
    def __init__(self, layers, inputs, growth):
        super().__init__()
        widths = [inputs + layer * growth for layer in range(layers)]
        self.layer = nn.Sequential(*(DenseLayer(width, growth, 3) for width in widths))

    def forward(self, x):
        for layer in self.layer:
            x = torch.cat([x, layer(x)], 1)
        return x


class Densenet(nn.Module):
    """Names of andreasveit/densenet-pytorch; three blocks without bottlenecks and reduction."""

    def __init__(self, depth, growth, classes):
        super().__init__()
        layers = (depth - 4) // 3
        channels = 2 * growth
        self.conv1 = nn.Conv2d(3, channels, 3, padding=1, bias=False)
        for block in (1, 2, 3):
            setattr(self, f"block{block}", DenseBlock(layers, channels, growth))
            channels += layers * growth
            if block < 3:
                setattr(self, f"trans{block}", DenseLayer(channels, channels, 1))
        self.bn1 = nn.BatchNorm2d(channels)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x):
        x = self.block1(self.conv1(x))
        x = self.block2(F.avg_pool2d(self.trans1(x), 2))
        x = self.block3(F.avg_pool2d(self.trans2(x), 2))
        return self.fc(F.relu(self.bn1(x)).mean((2, 3)))


class CifarVgg(nn.Module):
    """Names of kuangliu/pytorch-cifar."""

    def __init__(self, depths, classes, width=1):
        super().__init__()
        layers = []
        inputs = 3
        for depth, channels in zip(depths, (64, 128, 256, 512, 512), strict=True):
            outputs = round(width * channels)
            for _ in range(depth):
                conv = nn.Conv2d(inputs, outputs, 3, padding=1)
                layers += [conv, nn.BatchNorm2d(outputs), nn.ReLU()]
                inputs = outputs
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(inputs, classes)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))
