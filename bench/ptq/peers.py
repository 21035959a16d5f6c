"""Compares nets quantized after training: python peers.py FOLDER FLOAT.onnx [NAME=OURS.onnx ...] [--peers] [--skip NAME]

FOLDER contains the images of bench/ptq/images.js. Every net runs in onnxruntime; agreement is the share of test images for
which its first class is that of the float net, accuracy that of the label if the net has ten classes. With --peers,
onnxruntime's quantize_static and NNCF's quantize run on the same float net with the same calibration images.
Needs onnxruntime, onnx, nncf, openvino (tested with 1.32.0, 1.23.2, 3.4.0, 2026.4.1).
"""

import json
import os
import sys
import tempfile
import time

import numpy as np
import onnx
import onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

THREADS = 2
BATCH = 25


def images_of(folder, name):
    facts = json.load(open(f"{folder}/{name}.json"))
    pixels = np.memmap(f"{folder}/{name}.bin", np.float32, "r", shape=tuple(facts["shape"]))
    return pixels, np.array(facts["labels"])


def session(model):
    options = ort.SessionOptions()
    options.intra_op_num_threads = THREADS
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def logits_of(model, pixels):
    net = session(model)
    name = net.get_inputs()[0].name
    parts = [net.run(None, {name: np.array(pixels[at : at + BATCH])})[0] for at in range(0, len(pixels), BATCH)]
    return np.concatenate(parts)


class Reader(CalibrationDataReader):
    """Batches of images. onnxruntime asks for a few at a time, so that not all values between layers are in memory."""

    def __init__(self, name, pixels, batch):
        self.name, self.pixels, self.batch = name, pixels, batch
        self.set_range(0, len(self))

    def __len__(self):
        return -(-len(self.pixels) // self.batch)

    def set_range(self, start_index, end_index):
        self.next, self.end = start_index, min(end_index, len(self))

    def get_next(self):
        if self.next >= self.end:
            return None
        at, self.next = self.next * self.batch, self.next + 1
        return {self.name: np.array(self.pixels[at : at + self.batch])}


def with_onnxruntime(path, pixels, folder, method, activation=QuantType.QUInt8):
    prepared, out = f"{folder}/prepared.onnx", f"{folder}/ort.onnx"
    quant_pre_process(path, prepared)
    name = session(prepared).get_inputs()[0].name
    quantize_static(
        prepared, out, Reader(name, pixels, 16), quant_format=QuantFormat.QDQ, per_channel=True,
        activation_type=activation, weight_type=QuantType.QInt8, calibrate_method=method,
        extra_options={"CalibStridedMinMax": 2},
    )
    return out


def with_nncf(path, pixels, folder, bits=None):
    import nncf

    model = onnx.load(path)
    name = model.graph.input[0].name
    data = nncf.Dataset(range(len(pixels)), lambda at: {name: np.array(pixels[at : at + 1])})
    more = {}
    if bits:
        weights, activations = bits
        more["advanced_parameters"] = nncf.AdvancedQuantizationParameters(
            weights_quantization_params=nncf.quantization.advanced_parameters.QuantizationParameters(num_bits=weights),
            activations_quantization_params=nncf.quantization.advanced_parameters.QuantizationParameters(num_bits=activations),
        )
    quantized = nncf.quantize(model, data, subset_size=len(pixels), preset=nncf.QuantizationPreset.MIXED, **more)
    out = f"{folder}/nncf.onnx"
    onnx.save(quantized, out)
    return out


def main():
    arguments = sys.argv[1:]
    flags = [each for each in arguments if each.startswith("--")]
    folder, float_net, *ours = [each for each in arguments if not each.startswith("--")]
    calibration, _ = images_of(folder, "calibration")
    pixels, labels = images_of(folder, "test")
    limit = int(os.environ.get("TEST_IMAGES", len(pixels)))
    pixels, labels = pixels[:limit], labels[:limit]
    wanted = logits_of(float_net, pixels)
    chosen = wanted.argmax(1)
    has_labels = wanted.shape[1] == 10

    def report(name, model, seconds=None):
        logits = logits_of(model, pixels)
        row = {"net": name, "agreement": round(100 * float((logits.argmax(1) == chosen).mean()), 2)}
        if has_labels:
            row["accuracy"] = round(100 * float((logits.argmax(1) == labels).mean()), 2)
        noise = ((logits - wanted) ** 2).sum()
        row["decibels"] = round(float(10 * np.log10((wanted**2).sum() / max(noise, 1e-30))), 2)
        if seconds:
            row["seconds"] = round(seconds, 1)
        print(json.dumps(row), flush=True)

    report("float", float_net)
    for each in ours:
        name, path = each.split("=")
        report(name, path)
    if "--peers" not in flags:
        return
    with tempfile.TemporaryDirectory() as scratch:
        peers = [
            ("onnxruntime minmax", lambda: with_onnxruntime(float_net, calibration, scratch, CalibrationMethod.MinMax)),
            ("nncf", lambda: with_nncf(float_net, calibration, scratch)),
            ("onnxruntime percentile", lambda: with_onnxruntime(float_net, calibration, scratch, CalibrationMethod.Percentile)),
            ("onnxruntime entropy", lambda: with_onnxruntime(float_net, calibration, scratch, CalibrationMethod.Entropy)),
            ("nncf w4a8", lambda: with_nncf(float_net, calibration, scratch, (4, 8))),
            ("nncf w4a4", lambda: with_nncf(float_net, calibration, scratch, (4, 4))),
        ]
        only = os.environ.get("PEERS")
        for name, make in peers:
            if only and name not in only.split(","):
                continue
            start = time.time()
            try:
                model = make()
            except Exception as error:  # A peer that cannot do it is a result, too.
                print(json.dumps({"net": name, "failed": f"{type(error).__name__}: {error}"[:300]}), flush=True)
                continue
            report(name, model, time.time() - start)


main()
