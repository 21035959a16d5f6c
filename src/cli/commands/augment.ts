import { augmentOptions } from "../../options/commands/augment-options.js";
import { defineCommand } from "../command.js";

export const augmentCommand = defineCommand({
  name: "augment",
  group: "Inspect",
  summary: "Show training images as nets see them: crops, color, erased parts, mixtures",
  examples: [
    "augment data --rand-augment 2,9 --cutout 8 --html augmentation.html",
    "augment photos --image-size 96 --mixup 0.2 --images 4 --draws 12",
  ],
  arguments: [
    {
      key: "data",
      description: "folder with the data set's files or with your own images",
    },
  ],
  schema: augmentOptions,
  run: async (call, context) => {
    const { runAugment } = await import("../augmenting/run-augment.js");
    await runAugment(call, context);
  },
});
