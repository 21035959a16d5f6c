"""Trains whole epochs on CIFAR-10, tests, and prints one line of JSON per epoch."""

import json
import resource
import time

import torch
from torch.utils.data import DataLoader

import arguments
from cifar10 import Cifar10
from steps import adam, evaluate, train_step

TEST_BATCH = 256


def accuracy_percent(model, swap, loader):
    """Test accuracy; one quantization serves all batches, as the latent weights stay the same."""
    labels = []

    def images():
        for batch, batch_labels in loader:
            labels.append(batch_labels)
            yield batch

    logits = torch.cat(evaluate(model, swap, images()))
    return 100 * (logits.argmax(1) == torch.cat(labels)).float().mean().item()


def main():
    parser = arguments.parser(__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--train-limit", type=int, default=10_000)
    parser.add_argument("--test-limit", type=int)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    model, swap = arguments.build(options)
    optimizer = adam(model, options.family)
    train = DataLoader(
        Cifar10(options.data, train=True, limit=options.train_limit),
        batch_size=options.batch,
        shuffle=True,
        num_workers=options.workers,
    )
    test = DataLoader(
        Cifar10(options.data, train=False, limit=options.test_limit),
        batch_size=TEST_BATCH,
        num_workers=options.workers,
    )
    for epoch in range(1, options.epochs + 1):
        start = time.perf_counter()
        losses = [train_step(model, swap, optimizer, *batch)[1] for batch in train]
        trained = time.perf_counter()
        accuracy = accuracy_percent(model, swap, test)
        result = {
            **arguments.described(options),
            "epoch": epoch,
            "trainLoss": sum(losses) / len(losses),
            "testAccuracy": round(accuracy, 2),
            "trainSeconds": round(trained - start, 2),
            "seconds": round(time.perf_counter() - start, 2),
            "imagesPerSecond": round(len(train.dataset) / (trained - start), 2),
            "peakMemoryMb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        }
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
