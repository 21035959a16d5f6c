import { QpruneError } from "../../base/errors.js";
import { jsonText } from "../../base/visible-text.js";
import { diagnose } from "../../engine/diagnosis/diagnose.js";
import { probeInProcess } from "../../engine/diagnosis/probe.js";
import { thisMachine } from "../../engine/setup/machine.js";
import { packageVersion } from "../../files/package-version.js";
import { flagAdvice } from "../advice-by-error-code.js";
import type { CommandContext } from "../command.js";
import { diagnosisText } from "./diagnosis-text.js";

/**
 * Prints the diagnosis.
 * @throws QpruneError if the native engine is not usable.
 */
export const runDoctor = async (
  { json }: { readonly json: boolean },
  { stdout, env, signal }: CommandContext,
): Promise<void> => {
  const diagnosis = await diagnose({
    machine: { ...thisMachine(), env },
    packageVersion: packageVersion(),
    probe: () => probeInProcess(signal),
  });
  const problems = diagnosis.problems.map(({ what, remedy, code }) => ({
    what,
    remedy: flagAdvice({ code, details: {} }) ?? remedy,
  }));
  const found = { ...diagnosis, problems };
  stdout.write(json ? `${jsonText(found)}\n` : diagnosisText(found));
  if (found.engine.isUsable) return;
  throw new QpruneError("The native engine is not usable.", {
    hint: found.problems.at(-1)?.remedy ?? "See the report above.",
  });
};
