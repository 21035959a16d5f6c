"""Trains a published MobileNetV2 further on CIFAR-10, tests, and prints one line of JSON per epoch."""

import argparse
import json
import time

import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from cifar10 import Cifar10, random_crop, random_flip
from graph_nets import MobileNetV2
from nets import Quantization

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
TEST_BATCH = 100
OPTIMIZERS = {
    "adam": lambda parameters, rate: torch.optim.Adam(parameters, rate),
    "adamw": lambda parameters, rate: torch.optim.AdamW(parameters, rate, weight_decay=0.01),
    "sgd": lambda parameters, rate: torch.optim.SGD(
        parameters, rate, momentum=0.9, nesterov=True, weight_decay=1e-4
    ),
}


class Scaled(Dataset):
    """CIFAR-10, scaled bilinearly, shifted by up to 4 pixels, flipped, and normalized as ImageNet: qprune's order."""

    def __init__(self, images, size):
        self.images = images
        self.size = size

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = torch.from_numpy(self.images.images[index])[None].float().div_(255)
        scaled = F.interpolate(image, size=(self.size, self.size), mode="bilinear")[0].numpy()
        if self.images.train:
            scaled = random_flip(random_crop(scaled)).copy()
        return torch.from_numpy(scaled).sub_(MEAN).div_(STD), self.images.labels[index]


def published(path):
    """The net with published tensors, which have the order of this net's; the head is new."""
    model = MobileNetV2(Quantization("float"), classes=10)
    values = torch.load(path, weights_only=True).values()
    own = model.state_dict()
    for (name, tensor), value in zip(own.items(), values, strict=True):
        if not name.startswith("classifier"):
            tensor.copy_(value)
    torch.nn.init.normal_(model.classifier[1].weight, 0, 0.01)
    torch.nn.init.zeros_(model.classifier[1].bias)
    return model


@torch.no_grad()
def accuracy_percent(model, loader, context):
    model.eval()
    hits = 0
    with context:
        for images, labels in loader:
            hits += (model(images).argmax(1) == labels).sum().item()
    return 100 * hits / len(loader.dataset)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--train-limit", type=int, default=10_000)
    parser.add_argument("--test-limit", type=int)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--lr", type=float, default=0.001)
    parser.add_argument("--optimizer", choices=OPTIMIZERS, default="adam")
    parser.add_argument("--schedule", choices=("constant", "one-cycle"), default="constant")
    parser.add_argument("--drop", action="store_true", help="a tenth of the rate in the last epoch")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--channels-last", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(2)
    torch.manual_seed(options.seed)
    layout = torch.channels_last if options.channels_last else torch.contiguous_format
    model = published(options.weights).to(memory_format=layout)
    optimizer = OPTIMIZERS[options.optimizer](model.parameters(), options.lr)
    train, test = (
        DataLoader(
            Scaled(Cifar10(options.data, train=is_train, limit=limit), options.size),
            batch_size=options.batch if is_train else TEST_BATCH,
            shuffle=is_train,
            num_workers=2,
        )
        for is_train, limit in ((True, options.train_limit), (False, options.test_limit))
    )
    rates = (
        torch.optim.lr_scheduler.OneCycleLR(
            optimizer, options.lr, total_steps=options.epochs * len(train), cycle_momentum=False
        )
        if options.schedule == "one-cycle"
        else None
    )
    context = torch.autocast("cpu", torch.bfloat16, enabled=options.bf16)
    for epoch in range(1, options.epochs + 1):
        start = time.perf_counter()
        if options.drop and epoch == options.epochs:
            for group in optimizer.param_groups:
                group["lr"] = options.lr / 10
        model.train()
        for images, labels in train:
            optimizer.zero_grad()
            with context:
                loss = F.cross_entropy(model(images.contiguous(memory_format=layout)), labels)
            loss.backward()
            optimizer.step()
            if rates:
                rates.step()
        trained = time.perf_counter()
        accuracy = accuracy_percent(model, test, context)
        result = {
            "engine": "torch",
            "bf16": options.bf16,
            "channelsLast": options.channels_last,
            "epoch": epoch,
            "testAccuracy": round(accuracy, 2),
            "trainSeconds": round(trained - start, 1),
            "testSeconds": round(time.perf_counter() - trained, 1),
        }
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
