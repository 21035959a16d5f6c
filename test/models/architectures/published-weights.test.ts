import { expect, test } from "vitest";
import { builtInArchitectures } from "../../../src/models/architecture.js";

const published = builtInArchitectures().flatMap((architecture) =>
  architecture.kind === "graph" && architecture.weights
    ? [[architecture.name, architecture.weights, architecture.preprocessing] as const]
    : [],
);

test("the architectures with published weights are those of torchvision and EfficientNet-Lite0", () => {
  expect(published.map(([name]) => name)).toEqual([
    ...["vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn", "resnet18", "resnet34", "resnet50"],
    ...["mobilenet_v2", "efficientnet_lite0", "shufflenet_v2_x0_5", "shufflenet_v2_x1_0"],
    "squeezenet1_1",
  ]);
});

test.each(published)("the file of %s has its hash in its name", (_, weights, preprocessing) => {
  const { file, sha256, source } = weights;
  expect(preprocessing).toBeDefined();
  const digits = /-([\da-f]{8,10})\.pth$/.exec(file)?.[1];
  expect(digits).toBeDefined();
  expect(sha256.startsWith(digits as string)).toBe(true);
  expect((source.kind === "address" ? source.url : source.path).endsWith(`/${file}`)).toBe(true);
});
