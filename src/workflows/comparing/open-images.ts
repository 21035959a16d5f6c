import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import type { WorkflowContext } from "../context.js";
import type { StoredNet } from "../nets/stored-net.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { openTestData, type TestData } from "../testing/open-test-data.js";
import type { CompareCall } from "./compare-call.js";

/**
 * The images to test on: those of the first file that records its data set.
 * @throws QpruneError (usage) if they do not have the size of the nets' input.
 */
export const openImages = async (
  { options, given }: CompareCall,
  nets: readonly StoredNet[],
  context: WorkflowContext,
): Promise<TestData> => {
  const recorded = nets.find(({ checkpoint }) => checkpoint.manifest) ?? (nets[0] as StoredNet);
  const { checkpoint, spec } = recorded;
  const { path } = checkpoint;
  const tested = { path, dataSet: storedDataSetInfo(checkpoint), classes: spec.classes };
  const data = await openTestData(options, given, tested, context);
  if (data.kind === "none") return data;
  const { name, height, width, channels } = data.dataSet.info;
  const { input } = spec;
  if (input.height === height && input.width === width && input.channels === channels) return data;
  throw usageError(
    `${checkpoint.path} takes images of ${input.height}x${input.width}, but those of ${name} have ${height}x${width}.`,
    `Set ${option("dataset")} to the data set that the file was trained on.`,
  );
};
