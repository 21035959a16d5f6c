import { z } from "zod";
import { flag } from "../flag.js";
import { addressList } from "../values/address-list.js";
import { wholeNumber } from "../values/numbers.js";

const GROUP = "Several machines";

/** Training by several processes together (docs/several-machines.md). */
export const workersOptions = {
  workers: flag(addressList().optional(), {
    flag: "--workers <addresses>",
    effect: "only this call",
    description:
      "train on several machines: the host:port of every worker, separated by commas, the same list everywhere; the variable TF_CONFIG is read otherwise",
    group: GROUP,
  }),
  task_index: flag(wholeNumber(0).optional(), {
    flag: "--task-index <n>",
    effect: "only this call",
    description: "which of the --workers this process is, from 0; worker 0 writes the files",
    group: GROUP,
  }),
  sync_bn: flag(z.boolean().default(false), {
    flag: "--sync-bn",
    effect: "another run",
    description:
      "normalize by the statistics of the batches of all workers, as one machine does with the whole batch, rather than by those of each worker's own",
    group: GROUP,
  }),
  scale_lr: flag(z.boolean().default(false), {
    flag: "--scale-lr",
    effect: "result",
    description: "multiply the learning rate by the number of workers",
    group: GROUP,
  }),
  worker_timeout: flag(wholeNumber(1, 86_400).default(25), {
    flag: "--worker-timeout <seconds>",
    effect: "only this call",
    description:
      "how long to wait for a worker that has not started, or that is slower than this one in a step",
    group: GROUP,
  }),
};
