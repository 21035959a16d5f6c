import { z } from "zod";
import { flag } from "../../options/flag.js";
import { defineCommand } from "../command.js";

const doctorOptions = z.object({
  json: flag(z.boolean().default(false), {
    flag: "--json",
    effect: "only this call",
    description: "print one JSON object instead of text",
  }),
});

export const doctorCommand = defineCommand({
  name: "doctor",
  group: "Set up",
  summary: "Show versions, paths and threads, and report problems with the native engine",
  examples: ["doctor", "doctor --json"],
  schema: doctorOptions,
  run: async ({ options }, context) => {
    const { runDoctor } = await import("../engine/run-doctor.js");
    await runDoctor(options, context);
  },
});
