"""The weight handling of wbwtab around a step: quantize, run, put the latent weights back."""

import torch


def binarize(weight):
    """sign(w) times the mean of the filter's |w|."""
    return weight.sign() * weight.abs().mean((1, 2, 3), keepdim=True)


def ternarize(weight):
    """Zero below 0.7 mean|w| of the filter; else the sign, times the mean of the |w| above it."""
    size = weight.abs()
    threshold = 0.7 * size.mean((1, 2, 3), keepdim=True)
    above = size > threshold
    total = (size * above).sum((1, 2, 3), keepdim=True)
    alpha = total / above.sum((1, 2, 3), keepdim=True).clamp(min=1)
    return weight.sign() * (size >= threshold) * alpha


class WeightSwap:
    """quantize() before the forward pass, restore() after the backward pass, before the optimizer."""

    def __init__(self, convs, w):
        self.w = w
        self.weights = [] if w == 32 else [conv.weight for conv in convs]
        self.latent = []

    @torch.no_grad()
    def quantize(self):
        """Centre and clamp the latent weights, keep them, and put the quantized ones in their place."""
        self.latent = []
        for weight in self.weights:
            weight.sub_(weight.mean(1, keepdim=True)).clamp_(-1, 1)
            self.latent.append(weight.clone())
            weight.copy_(binarize(weight) if self.w == 2 else ternarize(weight))

    @torch.no_grad()
    def restore(self):
        for weight, latent in zip(self.weights, self.latent):
            weight.copy_(latent)

    @torch.no_grad()
    def rescale_gradients(self):
        """The gradient of binary weights; after restore(). Ternary weights take theirs as it is."""
        if self.w != 2:
            return
        for weight in self.weights:
            n = weight[0].numel()
            sign = weight.sign()
            size = weight.abs()
            direct = weight.grad * size.mean((1, 2, 3), keepdim=True) * (size <= 1)
            through_mean = sign * (sign * weight.grad).sum((1, 2, 3), keepdim=True) / n
            weight.grad = (direct + through_mean) * (1 - 1 / weight.shape[1]) * n
