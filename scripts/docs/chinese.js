import { augmentationTexts } from "./chinese/augmentation-texts.js";
import { commandTexts } from "./chinese/command-texts.js";
import { fileTexts } from "./chinese/file-texts.js";
import { headingTexts } from "./chinese/headings.js";
import { imageTexts } from "./chinese/image-texts.js";
import { optimizationTexts } from "./chinese/optimization-texts.js";
import { outputTexts } from "./chinese/output-texts.js";
import { pruningTexts } from "./chinese/pruning-texts.js";
import { ptqTexts } from "./chinese/ptq-texts.js";
import { quantizationTexts } from "./chinese/quantization-texts.js";
import { setupTexts } from "./chinese/setup-texts.js";
import { trainingTexts } from "./chinese/training-texts.js";
import { workersTexts } from "./chinese/workers-texts.js";
import { joinTables } from "./translations.js";

/** Simplified Chinese, in the words of README.zh-CN.md. */
export const chinese = {
  file: "usage.zh-CN.md",
  title: "全部命令与选项",
  introduction: [
    "本页把 `npx qprune` 简写为 `qprune`。本页由 `npm run docs` 根据各命令的选项定义生成，`qprune COMMAND --help` 显示相同内容（英文）。选项可用短横线",
    "（kebab-case）或下划线（snake_case）写法。`qprune --version` 显示版本。输出示例均为真实输出，",
    "由 `npm run docs:outputs` 用几秒钟即可完成的小网络录制。[English](usage.md)",
  ],
  columns: ["选项", "说明", "默认值"],
  alias: "也可写作",
  printed: "输出示例",
  colon: "：",
  fullStop: "。",
  translations: joinTables(
    commandTexts,
    headingTexts,
    quantizationTexts,
    imageTexts,
    trainingTexts,
    workersTexts,
    optimizationTexts,
    augmentationTexts,
    pruningTexts,
    ptqTexts,
    fileTexts,
    outputTexts,
    setupTexts,
  ),
};
