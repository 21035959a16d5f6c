import { describe, expect, test } from "vitest";
import { CIFAR } from "../../../src/data/cifar/cifar.js";
import { areNumbered } from "../../../src/data/class-names.js";
import { dataSetInfoSchema } from "../../../src/data/data-set.js";
import { graphArchitecture } from "../../../src/models/architecture.js";
import { graphArchitectureNames } from "../../../src/models/architectures/graph-architectures.js";
import { publishedDataSetInfo } from "../../../src/workflows/images/published-data-set.js";

describe("the images of published weights", () => {
  test("are ImageNet's for 1000 classes, prepared as for the weights", () => {
    const info = publishedDataSetInfo(graphArchitecture("efficientnet_lite0"), 1000);
    expect(info).toMatchObject({
      name: "imagenet",
      height: 224,
      width: 224,
      mean: [127 / 255, 127 / 255, 127 / 255],
      evaluation: { resizedSide: 256, interpolation: "bicubic" },
    });
    expect(info && areNumbered(info.classNames)).toBe(true);
  });

  test("are the user's own for other numbers of classes", () => {
    const info = publishedDataSetInfo(graphArchitecture("mobilenet_v2"), 3);
    expect(info).toMatchObject({ name: "images", height: 224, mean: [0.485, 0.456, 0.406] });
    expect(info?.classNames).toEqual(["class 0", "class 1", "class 2"]);
  });

  test("are those of CIFAR for nets of 32x32 pixels with as many classes, seen whole", () => {
    const info = publishedDataSetInfo(graphArchitecture("resnet20"), 10);
    const { classNames, augmentation } = CIFAR.cifar10.info;
    expect(info).toMatchObject({ name: "cifar10", classNames, augmentation, height: 32 });
    expect(info).toMatchObject({ std: [0.229, 0.224, 0.225], evaluation: { resizedSide: 32 } });
    expect(publishedDataSetInfo(graphArchitecture("resnet56"), 100)?.name).toBe("cifar100");
  });

  test("are unknown for architectures without published weights", () => {
    expect(publishedDataSetInfo(graphArchitecture("resnet20_b"), 10)).toBeUndefined();
  });

  test("are refused in a file that crops more than the scaled image has", () => {
    const info = publishedDataSetInfo(graphArchitecture("mobilenet_v2"), 3);
    const evaluation = { resizedSide: 223, interpolation: "bilinear" };
    expect(dataSetInfoSchema.safeParse({ ...info, evaluation }).success).toBe(false);
  });

  test("can be stored in files for every architecture", () => {
    for (const name of graphArchitectureNames) {
      const info = publishedDataSetInfo(graphArchitecture(name), 1000);
      if (info) expect(dataSetInfoSchema.parse(JSON.parse(JSON.stringify(info)))).toEqual(info);
    }
  });
});
