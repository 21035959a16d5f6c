"""Images per second in onnxruntime and OpenVINO, next to bench/runtime/node.js: python peers.py THREADS FILE.onnx...

For batches of 1 and of BATCH (256 unless that is set in the environment), with least and median times, the time from the call to the end
of the first prediction, and the peak of the process's memory. With PEERS=onnxruntime or PEERS=openvino only one of them.
"""

import os
import resource
import sys
import time

import numpy as np

THREADS = int(sys.argv[1])
BATCH = int(os.environ.get("BATCH", "256"))
PEERS = os.environ.get("PEERS", "onnxruntime,openvino").split(",")
SECONDS = float(os.environ.get("SECONDS", "1"))


def onnxruntime_runner(file):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda x: session.run(None, {name: x})


def openvino_runner(file):
    import openvino

    hints = {"INFERENCE_NUM_THREADS": THREADS, "PERFORMANCE_HINT": "LATENCY"}
    core = openvino.Core()
    request = core.compile_model(core.read_model(file), "CPU", hints).create_infer_request()
    return lambda x: request.infer({0: x})


def side_of(file):
    import onnx

    dims = onnx.load(file, load_external_data=False).graph.input[0].type.tensor_type.shape.dim
    return dims[2].dim_value


def times_of(run, x):
    for _ in range(3):
        run(x)
    times, end = [], time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        run(x)
        times.append(time.perf_counter() - start)
    return times


for file in sys.argv[2:]:
    side = side_of(file)
    images = np.random.default_rng(1).standard_normal((BATCH, 3, side, side)).astype(np.float32)
    for peer in PEERS:
        start = time.perf_counter()
        run = {"onnxruntime": onnxruntime_runner, "openvino": openvino_runner}[peer](file)
        run(images[:1])
        ready = time.perf_counter() - start
        shown = []
        for batch in sorted({1, BATCH}):
            times = times_of(run, images[:batch])
            least, median = min(times), sorted(times)[len(times) // 2]
            shown.append(f"batch {batch}: median {median * 1e3:.3f} ms, least {least * 1e3:.3f} ms, {batch / least:.0f} images/s")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{file} {peer}, {THREADS} threads; {'; '.join(shown)}; first after {ready * 1e3:.0f} ms; at most {peak:.0f} MB", flush=True)
