"""Times training steps or evaluations on random images and prints one line of JSON."""

import json
import resource
import statistics
import time

import torch

import arguments
from steps import adam, evaluate, train_step

KEPT_BATCHES = 4


def main():
    parser = arguments.parser(__doc__)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--mode", choices=["train", "eval"], default="train")
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--bf16", action="store_true", help="autocast to bfloat16")
    parser.add_argument("--channels-last", action="store_true")
    options = parser.parse_args()
    model, swap = arguments.build(options, options.size)
    layout = torch.channels_last if options.channels_last else torch.contiguous_format
    model = model.to(memory_format=layout)
    optimizer = adam(model, options.family)
    shape = (options.batch, 3, options.size, options.size)
    batches = [
        (torch.randn(shape).contiguous(memory_format=layout), torch.randint(0, 10, (options.batch,)))
        for _ in range(KEPT_BATCHES)
    ]
    step_ms = []
    for step in range(options.warmup + options.steps):
        images, labels = batches[step % KEPT_BATCHES]
        start = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=options.bf16):
            if options.mode == "train":
                train_step(model, swap, optimizer, images, labels)
            else:
                evaluate(model, swap, [images])
        if step >= options.warmup:
            step_ms.append((time.perf_counter() - start) * 1000)
    result = {
        **arguments.described(options),
        "bf16": options.bf16,
        "channelsLast": options.channels_last,
        "mode": options.mode,
        "size": options.size,
        "imagesPerSecond": round(options.batch * 1000 / statistics.median(step_ms), 2),
        # Linux counts ru_maxrss in KiB.
        "peakMemoryMb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "stepMs": [round(ms, 2) for ms in step_ms],
    }
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
