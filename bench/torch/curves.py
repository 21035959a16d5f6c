"""Trains the net of a job folder as qprune trained it: curves.py FOLDER.

job.json describes the net, its training and the order of the images in every epoch; init.pth holds the initial weights,
train.f32 and test.f32 normalized images [n, height, width, 3]. Prints one line of JSON per epoch: the mean training
loss, and the test accuracy after batch norm was recalibrated on batches of the next epoch.
"""

import json
import sys
from pathlib import Path

import torch
from torch import nn

from nets import Net, Quantization
from steps import adam, train_step
from weight_swap import WeightSwap

TEST_BATCH = 256


class Job:
    """A folder with everything that a training needs."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.settings = json.loads((self.folder / "job.json").read_text())

    def images(self, part):
        """Images [n, 3, height, width] and their labels."""
        bytes_ = bytearray((self.folder / f"{part}.f32").read_bytes())
        side = self.settings["side"]
        images = torch.frombuffer(bytes_, dtype=torch.float32).view(-1, side, side, 3)
        return images.permute(0, 3, 1, 2).contiguous(), torch.tensor(self.settings[f"{part}Labels"])

    def model(self):
        """The net with its initial weights, and what swaps its weights."""
        family, w, a = self.settings["family"], self.settings["w"], self.settings["a"]
        model = Net(self.settings["net"], Quantization(family, w, a), tuple(self.settings["cfg"]))
        state = torch.load(self.folder / "init.pth", weights_only=True)["state_dict"]
        model.load_state_dict(state, strict=True)
        return model, WeightSwap(model.quantized_convs(), w if family == "wbwtab" else 32)

    def batches(self, images, labels, epoch):
        """The batches of an epoch, counted from 1."""
        order = torch.tensor(self.settings["orders"][epoch - 1])
        for chosen in order.split(self.settings["batch"]):
            yield images[chosen], labels[chosen]


@torch.no_grad()
def recalibrate(model, batches):
    """Replaces running statistics by their plain means over batches, with the weights that are in use."""
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    kept = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        # PyTorch's way to ask for a plain mean.
        norm.momentum = None
    model.train()
    for images, _ in batches:
        model(images)
    for norm, momentum in zip(norms, kept):
        norm.momentum = momentum


@torch.no_grad()
def accuracy_percent(model, images, labels):
    model.eval()
    logits = torch.cat([model(batch) for batch in images.split(TEST_BATCH)])
    return 100 * (logits.argmax(1) == labels).float().mean().item()


def main():
    torch.set_num_threads(2)
    job = Job(sys.argv[1])
    model, swap = job.model()
    optimizer = adam(model, job.settings["family"])
    train, test = job.images("train"), job.images("test")
    for epoch in range(1, len(job.settings["orders"])):
        losses = [
            train_step(model, swap, optimizer, *batch)[1] for batch in job.batches(*train, epoch)
        ]
        swap.quantize()
        following = list(job.batches(*train, epoch + 1))[: job.settings["recalibrationBatches"]]
        recalibrate(model, following)
        accuracy = accuracy_percent(model, *test)
        swap.restore()
        print(json.dumps({"trainLoss": sum(losses) / len(losses), "accuracy": accuracy}), flush=True)


if __name__ == "__main__":
    main()
