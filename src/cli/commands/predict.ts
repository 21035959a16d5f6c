import { predictOptions } from "../../options/commands/predict-options.js";
import { netFileArgument } from "../../options/groups/net-file-options.js";
import { defineCommand } from "../command.js";

export const predictCommand = defineCommand({
  name: "predict",
  group: "Inspect",
  summary: "Classify images: print the most probable classes of each",
  examples: [
    "predict models_save/wqaq/nin_gc.safetensors cat.jpg dog.png",
    "predict models_save/wqaq/nin_gc.safetensors photos/*.jpg --top 1 --json",
    "predict models_save/wqaq/nin.safetensors digits:0 digits:1",
  ],
  arguments: [
    netFileArgument,
    {
      key: "images",
      description:
        "JPEG, PNG, WebP, GIF, TIFF or AVIF files of any size; digits:N is test image N of the built-in digits",
      isVariadic: true,
    },
  ],
  schema: predictOptions,
  run: async (call, context) => {
    const { runPredict } = await import("../predicting/run-predict.js");
    await runPredict(call, context);
  },
});
