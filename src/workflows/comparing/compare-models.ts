import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { jsonText } from "../../base/visible-text.js";
import { runningNet } from "../../checkpoint/running-net.js";
import { writeTextAtomically } from "../../files/writing/write-file-atomically.js";
import type { Net } from "../../models/net.js";
import type { Comparison } from "../../report/comparison/comparison.js";
import { comparisonJson } from "../../report/comparison/comparison-json.js";
import type { WorkflowContext } from "../context.js";
import type { StoredNet } from "../nets/stored-net.js";
import { checkPageFile } from "../outputs/check-page-file.js";
import { keepAside } from "../outputs/output-file.js";
import { readSensitivity } from "../sensitivity/read-sensitivity.js";
import { startEngine } from "../start-engine.js";
import type { TestData, Untested } from "../testing/open-test-data.js";
import { checkJsonFile } from "./check-json-file.js";
import type { CompareCall } from "./compare-call.js";
import { comparedNet } from "./compared-net.js";
import { measureNets, SPEED_BATCH } from "./measure-nets.js";
import { openImages } from "./open-images.js";
import { readComparedNets } from "./read-compared-nets.js";

const compareNets = async (
  stored: readonly StoredNet[],
  data: TestData,
  call: CompareCall,
  context: WorkflowContext,
): Promise<Comparison> => {
  const running: Net[] = [];
  try {
    for (const { spec, checkpoint } of stored) running.push(runningNet(spec, checkpoint));
    const { speeds, tests, images } = await measureNets(running, data, call, context);
    const nets = [];
    for (const [index, net] of stored.entries()) {
      nets.push({
        ...(await comparedNet(net, index)),
        imagesPerSecond: speeds[index] as number,
        test: tests?.[index] ?? null,
      });
    }
    return { nets, images, speedBatch: SPEED_BATCH };
  } finally {
    for (const net of running) net.dispose();
  }
};

/** Writes a file; an earlier file of that name is kept. */
const writeKeepingOld = async (path: string, text: string): Promise<void> => {
  await keepAside(path);
  await writeTextAtomically(path, text);
};

const writePage = async (path: string, comparison: Comparison): Promise<void> => {
  const { comparisonPage } = await import("../../report/comparison/page/comparison-page.js");
  await writeKeepingOld(path, await comparisonPage(comparison));
};

/** A comparison with the files that it was written to. */
export interface CompareResult {
  readonly comparison: Comparison;
  /** Why nothing was tested; undefined if the nets were tested. */
  readonly untested: Untested | undefined;
  /** The files that were written. */
  readonly saved: readonly string[];
}

/**
 * Compares the nets of files, and writes the JSON file and the page if they are asked for.
 * @throws QpruneError if a file cannot be read or written, or the nets have different classes or images.
 */
export const compareModels = async (
  call: CompareCall,
  context: WorkflowContext,
): Promise<CompareResult> => {
  const { html, save, engine, sensitivity: measured } = call.options;
  if (save !== undefined) await checkJsonFile(save);
  if (html !== undefined) {
    await checkPageFile(html);
    const { loadVega } = await import("../../report/charts/load-vega.js");
    await loadVega();
  }
  if (measured !== undefined && html === undefined) {
    throw usageError(
      `${option("sensitivity")} is charted on the page, and no page is written.`,
      `Add ${option("html")} comparison.html, or omit ${option("sensitivity")}.`,
    );
  }
  const sensitivity = measured === undefined ? undefined : await readSensitivity(measured);
  const stored = await readComparedNets(call);
  const data = await openImages(call, stored, context);
  await startEngine(engine, context);
  const compared = await compareNets(stored, data, call, context);
  const comparison = { ...compared, sensitivity };
  if (save !== undefined) await writeKeepingOld(save, `${jsonText(comparisonJson(comparison))}\n`);
  if (html !== undefined) await writePage(html, comparison);
  return {
    comparison,
    untested: data.kind === "none" ? data.untested : undefined,
    saved: [save, html].filter((path) => path !== undefined),
  };
};
