import { jsonText } from "../../base/visible-text.js";
import { runningNet } from "../../checkpoint/running-net.js";
import { writeFileAtomically } from "../../files/write-file-atomically.js";
import type { Net } from "../../models/net.js";
import type { Comparison } from "../../report/comparison/comparison.js";
import { comparisonJson } from "../../report/comparison/comparison-json.js";
import { comparisonText } from "../../report/comparison/comparison-text.js";
import type { CommandContext } from "../../cli/command.js";
import { startEngine } from "../start-engine.js";
import type { StoredNet } from "../nets/stored-net.js";
import { keepAside } from "../outputs/output-file.js";
import type { TestData } from "../images/open-test-data.js";
import { checkJsonFile, checkPageFile } from "./check-comparison-files.js";
import type { CompareCall } from "./compare-call.js";
import { comparedNet } from "./compared-net.js";
import { measureNets, SPEED_BATCH } from "./measure-nets.js";
import { openImages } from "./open-images.js";
import { readComparedNets } from "./read-compared-nets.js";

const compareNets = async (
  stored: readonly StoredNet[],
  data: TestData,
  call: CompareCall,
  context: CommandContext,
): Promise<Comparison> => {
  const running: Net[] = [];
  try {
    for (const { spec, checkpoint } of stored) running.push(runningNet(spec, checkpoint));
    const { speeds, tests, images } = await measureNets(running, data, call, context);
    const nets = [];
    for (const [at, net] of stored.entries()) {
      nets.push({
        ...(await comparedNet(net, at)),
        imagesPerSecond: speeds[at] as number,
        test: tests?.[at] ?? null,
      });
    }
    return { nets, images, speedBatch: SPEED_BATCH };
  } finally {
    for (const net of running) net.dispose();
  }
};

/** An earlier file of that name is kept. */
const writeAside = async (path: string, text: string): Promise<void> => {
  await keepAside(path);
  await writeFileAtomically(path, [new TextEncoder().encode(text)]);
};

const writePage = async (path: string, comparison: Comparison): Promise<void> => {
  const { comparisonPage } = await import("../../report/comparison/page/comparison-page.js");
  await writeAside(path, await comparisonPage(comparison));
};

/** Compares the nets of files: a table or an object on stdout, and the files that are asked for. */
export const runCompare = async (call: CompareCall, context: CommandContext): Promise<void> => {
  const { html, save, json, engine } = call.options;
  if (save !== undefined) await checkJsonFile(save);
  if (html !== undefined) {
    await checkPageFile(html);
    const { loadVega } = await import("../../report/charts/load-vega.js");
    await loadVega();
  }
  const stored = await readComparedNets(call);
  const data = await openImages(call, stored, context);
  await startEngine(engine ?? "auto", context);
  const comparison = await compareNets(stored, data, call, context);
  const text = `${jsonText(comparisonJson(comparison))}\n`;
  if (save !== undefined) await writeAside(save, text);
  if (html !== undefined) await writePage(html, comparison);
  const { stdout, stderr } = context;
  stdout.write(json ? text : comparisonText(comparison));
  for (const path of [save, html]) {
    if (path !== undefined) (json ? stderr : stdout).write(`Saved ${path}\n`);
  }
};
