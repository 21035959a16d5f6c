"""Reads a packed file of qprune (docs/packed-format.md) with NumPy alone: every tensor as float32.

    python3 read_packed.py FILE.safetensors [OUT.npz]   # lists the tensors, writes them for numpy.load
"""
import json
import sys

import numpy as np


def read_packed(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    metadata, raw = header.pop("__metadata__", {}), {}
    types = {"F32": "<f4", "I64": "<i8", "U8": "u1"}
    for name, entry in header.items():
        bytes_ = data[slice(*entry["data_offsets"])]
        raw[name] = np.frombuffer(bytes_, types[entry["dtype"]]).reshape(entry["shape"])
    packing = json.loads(metadata.get("packing", '{"version": 1, "kernels": {}}'))
    assert packing["version"] == 1, "another layout"
    for name, kernel in packing["kernels"].items():
        bits, shape = kernel["bits"], kernel["shape"]
        stream = np.unpackbits(raw.pop(name + "_codes"), bitorder="little")[: np.prod(shape) * bits]
        u = stream.reshape(shape + [bits]).astype(np.int32) @ (1 << np.arange(bits, dtype=np.int32))
        zero = raw.pop(name + "_zero", np.full(shape[0], 2 ** (bits - 1)))
        g = {
            "binary": lambda: 2 * u - 1,
            "ternary": lambda: u - 1,
            "dorefa": lambda: (2 * u - 2**bits + 1).astype(np.float32) / np.float32(2**bits - 1),
            "int8": lambda: u - 128,
            "affine": lambda: u - zero.astype(np.int32).reshape([-1] + [1] * (len(shape) - 1)),
        }[kernel["grid"]]().astype(np.float32)
        scale = raw.pop(name + "_scale", np.ones(shape[0], np.float32))
        raw[name] = g * scale.reshape([-1] + [1] * (len(shape) - 1))
    return raw, metadata


if __name__ == "__main__":
    tensors, _ = read_packed(sys.argv[1])
    print("\n".join(f"{name} {list(value.shape)}" for name, value in tensors.items()))
    if len(sys.argv) > 2:
        np.savez(sys.argv[2], **tensors)
