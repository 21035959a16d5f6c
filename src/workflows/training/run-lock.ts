import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import type { WorkflowContext } from "../context.js";
import { withPatientLock } from "../outputs/with-patient-lock.js";

/**
 * Runs `action` while no other process may write the training state `path` and its model.
 * @throws QpruneError if another run is writing them.
 */
export const withRunLock = <T>(
  path: string,
  action: () => Promise<T>,
  context: Pick<WorkflowContext, "onEvent" | "signal">,
): Promise<T> =>
  withPatientLock(
    `${path}.lock`,
    (holder) =>
      usageError(
        `Another run (${holder}) is writing ${path} and its model.`,
        `Wait for it, or give this run another name with ${option("save")}.`,
      ),
    action,
    context,
  );
