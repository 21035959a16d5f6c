"""Writes scores of pycocotools for random and degenerate detections: python average_precision.py > test/boxes/coco-scores.json

Needs pycocotools and numpy. test/boxes/average-precision.test.ts compares qprune with the file.
"""

import contextlib
import io
import json
import random

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

CLASSES = 3


def scores_of(results):
    images = [{"id": k + 1, "width": 400, "height": 400} for k in range(len(results))]
    truth, found = [], []
    for k, result in enumerate(results):
        for box in result["truth"]:
            truth.append(
                {
                    "id": len(truth) + 1,
                    "image_id": k + 1,
                    "category_id": box["label"] + 1,
                    "bbox": [box["left"], box["top"], box["width"], box["height"]],
                    "area": box.get("area", box["width"] * box["height"]),
                    "iscrowd": int(box.get("isCrowd", False)),
                }
            )
        for box in result["found"]:
            found.append(
                {
                    "image_id": k + 1,
                    "category_id": box["label"] + 1,
                    "bbox": [box["left"], box["top"], box["width"], box["height"]],
                    "score": box["score"],
                }
            )
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {
            "images": images,
            "annotations": truth,
            "categories": [{"id": label + 1, "name": str(label)} for label in range(CLASSES)],
        }
        coco.createIndex()
        detections = coco.loadRes(found) if found else COCO()
        if not found:
            detections.dataset = {**coco.dataset, "annotations": []}
            detections.createIndex()
        run = COCOeval(coco, detections, "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
    stats = [None if value < 0 else 100 * float(value) for value in run.stats[:6]]
    at50 = run.eval["precision"][0, :, :, 0, 2]
    per_class = [
        None if (at50[:, label] < 0).all() else 100 * float(np.mean(at50[:, label])) for label in range(CLASSES)
    ]
    names = ["mean", "at50", "at75", "small", "medium", "large"]
    return {**dict(zip(names, stats)), "classesAt50": per_class}


def box(rng, side=None):
    side = side or rng.choice([10, 25, 60, 150])
    width, height = rng.randint(4, side), rng.randint(4, side)
    return {
        "left": rng.randint(0, 200),
        "top": rng.randint(0, 200),
        "width": width,
        "height": height,
        "label": rng.randrange(CLASSES),
    }


def near(rng, truth):
    """A found box close to an object."""
    moved = dict(truth)
    for key in ["left", "top", "width", "height"]:
        moved[key] = max(1, truth[key] + rng.randint(-truth["width"] // 6 - 1, truth["width"] // 6 + 1))
    moved.pop("isCrowd", None)
    moved.pop("area", None)
    if rng.random() < 0.1:
        moved["label"] = rng.randrange(CLASSES)
    # Few different scores, so that many are equal.
    moved["score"] = rng.randint(1, 20) / 20
    return moved


def random_results(seed):
    rng = random.Random(seed)
    results = []
    for _ in range(rng.randint(1, 6)):
        truth = [box(rng) for _ in range(rng.randint(0, 5))]
        for each in truth:
            if rng.random() < 0.15:
                each["isCrowd"] = True
            if rng.random() < 0.3:
                each["area"] = each["width"] * each["height"] // 2
        found = [near(rng, rng.choice(truth)) for _ in range(rng.randint(0, 8)) if truth]
        found += [{**box(rng), "score": rng.randint(1, 20) / 20} for _ in range(rng.randint(0, 4))]
        results.append({"truth": truth, "found": found})
    return results


def degenerate():
    one = {"left": 10, "top": 20, "width": 30, "height": 40, "label": 1}
    hit = {**one, "score": 0.5}
    many = [{**one, "left": 10 + k, "score": 1 - k / 200} for k in range(130)]
    return {
        "nothing at all": [{"truth": [], "found": []}],
        "objects, but nothing found": [{"truth": [one], "found": []}],
        "boxes, but no objects": [{"truth": [], "found": [hit]}],
        "one exact box": [{"truth": [one], "found": [hit]}],
        "the same box twice": [{"truth": [one], "found": [hit, {**hit, "score": 0.4}]}],
        "the right place, another class": [{"truth": [one], "found": [{**hit, "label": 0}]}],
        "only a crowd": [{"truth": [{**one, "isCrowd": True}], "found": [hit, hit]}],
        "an object in a crowd": [
            {"truth": [one, {**one, "width": 90, "height": 90, "isCrowd": True}], "found": [hit, {**hit, "left": 50}]}
        ],
        "more than a hundred boxes": [{"truth": [one, {**one, "left": 125}], "found": many}],
        "an overlap of exactly one half": [
            {"truth": [one], "found": [{**hit, "height": 20}]},
            {"truth": [one], "found": [{**hit, "width": 15, "score": 0.9}]},
        ],
        "areas at the limits of sizes": [
            {
                "truth": [{**one, "width": 32, "height": 32}, {**one, "left": 200, "width": 96, "height": 96}],
                "found": [
                    {**hit, "width": 32, "height": 32},
                    {**hit, "left": 200, "width": 96, "height": 96, "score": 0.7},
                ],
            }
        ],
    }


def main():
    named = {**degenerate(), **{f"random boxes, seed {seed}": random_results(seed) for seed in range(25)}}
    cases = [{"name": name, "results": results, "scores": scores_of(results)} for name, results in named.items()]
    print(json.dumps({"classes": CLASSES, "cases": cases}))


if __name__ == "__main__":
    main()
