"""Checks .pth files that qprune wrote with PyTorch: round_trip.py FILE.pth ...

Each is opened with torch.load(weights_only=True) and loaded with strict=True into the net of nets.py. The
files that torch.save writes of that net, in several ways, must return through `qprune convert` with every bit the same.
"""

import copy
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file

from nets import Net, Quantization

QPRUNE = Path(__file__).resolve().parents[2] / "bin" / "qprune.js"
LEGACY = {"_use_new_zipfile_serialization": False}


def net_of(checkpoint):
    """The net that a checkpoint is of, with its tensors in it."""
    state = checkpoint["state_dict"]
    family = "wqaq" if next(iter(state)).startswith("dorefa.") else "float"
    classes = [tensor for tensor in state.values() if tensor.dim() == 4][-1].shape[0]
    arch = checkpoint["qprune"]["arch"]
    model = Net(arch, Quantization(family), tuple(checkpoint["cfg"]), classes)
    model.load_state_dict(state, strict=True)
    return model


def optimizer_state(model):
    """What Adam remembers after a step of a copy of the net."""
    model = copy.deepcopy(model)
    optimizer = torch.optim.Adam(model.parameters())
    sum(parameter.sum() for parameter in model.parameters()).backward()
    optimizer.step()
    return optimizer.state_dict()


def each(state, change):
    """The state with every floating-point tensor changed."""
    return {
        name: change(tensor) if tensor.is_floating_point() else tensor
        for name, tensor in state.items()
    }


def strided(tensor):
    """The same values with the first two dimensions swapped in memory."""
    return tensor.transpose(0, 1).contiguous().transpose(0, 1) if tensor.dim() > 1 else tensor


def saved_ways(checkpoint, model):
    """What people save of a net: (what it is, the object, the options of torch.save)."""
    state = model.state_dict()
    wrapped = {"cfg": checkpoint["cfg"], "best_acc": checkpoint["best_acc"], "state_dict": state}
    prefixed = {f"module.{name}": tensor for name, tensor in state.items()}
    optimizer = {"epoch": 3, "state_dict": state, "optimizer": optimizer_state(model)}
    yield "as qprune wrote it", checkpoint, {}
    yield "wrapped", wrapped, {}
    yield "wrapped, legacy", wrapped, LEGACY
    yield "bare", state, {}
    yield "bare, legacy", state, LEGACY
    yield "DataParallel", {"state_dict": prefixed}, {}
    yield "strided", {"state_dict": each(state, strided)}, {}
    yield "double", {"state_dict": each(state, torch.Tensor.double)}, {}
    yield "parameters", {"state_dict": each(state, torch.nn.Parameter)}, {}
    yield "with an optimizer", optimizer, {}
    yield "protocol 4", wrapped, {"pickle_protocol": 4}


def differing(expected, file, folder):
    """Names of the tensors that qprune reads otherwise than they are, and why they differ."""
    back = folder / "back.safetensors"
    command = ["node", QPRUNE, "convert", file, back, "--force", "--json"]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        return [run.stderr.strip()]
    actual = load_file(back)
    if sorted(actual) != sorted(expected):
        return ["the names"]
    return [name for name, tensor in expected.items() if not same_bits(tensor, actual[name])]


def same_bits(one, other):
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    return one.contiguous().numpy().tobytes() == other.contiguous().numpy().tobytes()


def check(path, folder):
    """Whether one file passes every check; prints the results."""
    checkpoint = torch.load(path, weights_only=True)
    model = net_of(checkpoint)
    state = model.state_dict()
    written = sum(same_bits(tensor, state[name]) for name, tensor in checkpoint["state_dict"].items())
    print(f"{path}: {checkpoint['qprune']['arch']}, cfg {checkpoint['cfg']}, best_acc {checkpoint['best_acc']}")
    print(f"  loaded with weights_only=True and strict=True: {written} of {len(state)} tensors the same")
    is_good = written == len(state)
    for name, value, options in saved_ways(checkpoint, model):
        saved = folder / "saved.pth"
        torch.save(value, saved, **options)
        wrong = differing(state, saved, folder)
        print(f"  saved {name}: {'the same back' if not wrong else f'DIFFERS: {wrong[:3]}'}")
        is_good &= not wrong
    return is_good


def main():
    with tempfile.TemporaryDirectory() as folder:
        results = [check(path, Path(folder)) for path in sys.argv[1:]]
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
