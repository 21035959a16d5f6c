"""A training step and an evaluation, shared by the benchmark, the check and the whole epoch."""

import torch
from torch.nn import functional as F

WEIGHT_DECAY = {"wqaq": 1e-5, "wbwtab": 0.0, "float": 1e-7}
LEARNING_RATE = 0.01


def adam(model, family):
    return torch.optim.Adam(
        model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY[family]
    )


def train_step(model, swap, optimizer, images, labels):
    """Returns the logits and the loss before the update."""
    model.train()
    swap.quantize()
    optimizer.zero_grad()
    logits = model(images)
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    swap.restore()
    swap.rescale_gradients()
    optimizer.step()
    return logits.detach(), loss.item()


@torch.no_grad()
def evaluate(model, swap, batches):
    """The logits of each batch, with running statistics; centring and clamping stay."""
    model.eval()
    swap.quantize()
    logits = [model(images) for images in batches]
    swap.restore()
    return logits
