"""Writes the gradients of LSQ and PACT by the formulas of the papers: learned_ranges.py FILE.json."""

import json
import sys

import torch
from torch.nn import functional as F

EPSILON = 1e-5


class Lsq(torch.autograd.Function):
    """step * q(v / step) with LSQ's gradient (Esser et al. 2020, eq. 1 to 3); `half` shifts the grid by half a step."""

    @staticmethod
    def forward(ctx, v, step, low, high, half):
        scaled = v / step
        ctx.save_for_backward(scaled)
        ctx.limits = (low, high, half)
        return step * (torch.round(scaled.clamp(low, high) - half) + half)

    @staticmethod
    def backward(ctx, dy):
        (scaled,) = ctx.saved_tensors
        low, high, half = ctx.limits
        inside = (scaled > low) & (scaled < high)
        rounded = torch.round(scaled - half) + half
        ends = torch.where(scaled >= high, high, low).to(scaled)
        d_step = torch.where(inside, rounded - scaled, ends)
        return dy * inside, (dy * d_step).sum().reshape(1), None, None, None


class Pact(torch.autograd.Function):
    """clip * round(clamp(x / clip, 0, 1) n) / n with the gradients of PACT (Choi et al. 2018, eq. 3)."""

    @staticmethod
    def forward(ctx, x, clip, levels):
        ctx.save_for_backward(x, clip)
        return clip * torch.round((x / clip).clamp(0, 1) * levels) / levels

    @staticmethod
    def backward(ctx, dy):
        x, clip = ctx.saved_tensors
        return dy * ((x > 0) & (x < clip)), (dy * (x >= clip)).sum().reshape(1), None


def case(name, rule, bits, is_normed):
    torch.manual_seed(len(name))
    x = torch.randn(3, 4, 5, 6)
    gamma, beta = torch.rand(4) + 0.5, torch.randn(4) * 0.3
    weight = torch.randn(5, 4, 3, 3) * 0.2
    target = torch.randn(3, 5, 5, 6)
    levels = 2**bits - 1
    reach = levels / 2
    weight_step = (2 * weight.abs().mean() / reach**0.5).reshape(1) * 0.8
    before = F.batch_norm(x, None, None, gamma, beta, True, 0, EPSILON) if is_normed else x
    number = torch.tensor([1.5]) if rule == "pact" else 2 * before.relu().mean().reshape(1) / levels**0.5
    leaves = [gamma, beta, weight, weight_step, number]
    for leaf in leaves:
        leaf.requires_grad_(True)
    z = F.batch_norm(x, None, None, gamma, beta, True, 0, EPSILON) if is_normed else x
    a = Pact.apply(z.relu(), number, levels) if rule == "pact" else Lsq.apply(z.relu(), number, 0, levels, 0.0)
    w = Lsq.apply(weight, weight_step, -reach, reach, 0.5)
    # No epsilon, so that the norm removes the factors of the ranges exactly.
    y = F.batch_norm(F.conv2d(a, w, padding=1), None, None, training=True, eps=1e-30)
    (y * target).sum().backward()
    # The factors of LSQ's section 2.2, with the features of one image.
    features = z[0].numel()
    factors = {
        "weight_step": (weight.numel() * reach) ** -0.5,
        "number": 1 if rule == "pact" else (features * levels) ** -0.5,
    }
    flat = lambda t: t.detach().flatten().tolist()
    nhwc = lambda t: flat(t.permute(0, 2, 3, 1))
    hwio = lambda t: flat(t.permute(2, 3, 1, 0))
    return {
        "name": name,
        **{"rule": rule, "bits": bits, "isNormed": is_normed},
        **{"x": nhwc(x), "target": flat(target), "y": flat(y)},
        **{"gamma": flat(gamma), "beta": flat(beta), "weight": hwio(weight)},
        **{"weightStep": weight_step.item(), "number": number.item()},
        "gradients": {
            "weight": hwio(weight.grad),
            "weightStep": weight_step.grad.item() * factors["weight_step"],
            "number": number.grad.item() * factors["number"],
            **({"gamma": flat(gamma.grad), "beta": flat(beta.grad)} if is_normed else {}),
        },
    }


CASES = [
    ("lsq with 2 bits after a norm", "lsq", 2, True),
    ("lsq with 4 bits by itself", "lsq", 4, False),
    ("pact with 4 bits after a norm", "pact", 4, True),
    ("pact with 2 bits by itself", "pact", 2, False),
]


def rounded(value):
    if isinstance(value, list):
        return [float(f"{number:.8g}") for number in value]
    return {key: rounded(each) for key, each in value.items()} if isinstance(value, dict) else value


with open(sys.argv[1], "w") as file:
    json.dump([rounded(case(*each)) for each in CASES], file)
    file.write("\n")
