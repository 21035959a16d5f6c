"""The options that every script here takes."""

import argparse

import torch

from graph_nets import GRAPH_NETS, quantized_convs
from nets import SPECS, Net, Quantization
from weight_swap import WeightSwap


def parser(description):
    result = argparse.ArgumentParser(description=description)
    result.add_argument("--net", choices=[*SPECS, *GRAPH_NETS], default="nin")
    result.add_argument("--family", choices=["wqaq", "wbwtab", "float"], default="wqaq")
    result.add_argument("--wbits", type=int, default=8, choices=[*range(1, 9), 32])
    result.add_argument("--abits", type=int, default=8, choices=[*range(1, 9), 32])
    result.add_argument("--W", type=int, default=2, choices=[2, 3, 32])
    result.add_argument("--A", type=int, default=2, choices=[2, 32])
    result.add_argument("--cfg", type=lambda text: tuple(map(int, text.split(","))))
    result.add_argument("--batch", type=int, default=50)
    result.add_argument("--threads", type=int, default=2)
    result.add_argument("--seed", type=int, default=1)
    return result


def quantization_of(options):
    if options.family == "wqaq":
        return Quantization("wqaq", options.wbits, options.abits)
    if options.family == "wbwtab":
        return Quantization("wbwtab", options.W, options.A)
    return Quantization("float")


def build(options, size=32):
    """Sets threads and seed; returns the net and what swaps its weights."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    quantization = quantization_of(options)
    swapped = quantization.w if options.family == "wbwtab" else 32
    if options.net in GRAPH_NETS:
        model = GRAPH_NETS[options.net](quantization, size=size)
        return model, WeightSwap(quantized_convs(model), swapped)
    model = Net(options.net, quantization, options.cfg, size=size)
    return model, WeightSwap(model.quantized_convs(), swapped)


def described(options):
    """The description of the run in a result line."""
    quantization = quantization_of(options)
    return {
        "engine": "torch",
        "version": torch.__version__,
        "net": options.net,
        "family": quantization.family,
        "w": quantization.w,
        "a": quantization.a,
        "batch": options.batch,
        "threads": options.threads,
    }
