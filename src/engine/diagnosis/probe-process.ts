import { PROBE_MARK } from "./probe.js";
import { probeEngine } from "./probe-engine.js";

process.stdout.write(`\n${PROBE_MARK}${JSON.stringify(await probeEngine())}\n`);
