import type {
  ChangedImage,
  ComparedHistory,
  ComparedNet,
  Comparison,
  LayerCodes,
} from "../../../src/report/comparison/comparison.js";

export interface MadeUp {
  readonly nets?: number;
  readonly classes?: number;
  readonly epochs?: number;
  readonly isTested?: boolean;
  /** Replaces all texts of the user. */
  readonly text?: string;
  /** Of images that are files. */
  readonly folder?: string | null;
}

const codesOf = (net: number): LayerCodes | null => {
  if (net === 0) return null;
  if (net === 1) return { grid: "sign", counts: [30, 50, 20], entropyBits: 1.49 };
  const counts = Array.from({ length: 256 }, (_, code) => 400 - Math.abs(code - 128));
  return { grid: "dorefa", counts, entropyBits: 7.91 };
};

const historyOf = (net: number, { epochs = 4, text = "" }: MadeUp): ComparedHistory =>
  net === 1
    ? {
        kind: "none",
        why: `there is no models_save/export/quan_bn_merge_model_packed${text}.history.json`,
        isMissing: true,
      }
    : {
        kind: "found",
        commands: [`qprune wqaq --save '${text}'`, "qprune wqaq --resume auto"],
        epochs: Array.from({ length: epochs }, (_, at) => ({
          epoch: at + 1,
          trainLoss: at === 0 ? null : 2 / (at + 1),
          trainAccuracy: 90 - 50 / (at + 1),
          testLoss: 2.2 / (at + 1),
          testAccuracy: 80 - 50 / (at + 1) - net,
          learningRate: 0.01,
        })),
      };

const netOf = (net: number, made: MadeUp): ComparedNet => {
  const { classes = 10, isTested = true, text = "" } = made;
  const layer = (at: number) => ({
    name: `dorefa.${at}.conv`,
    width: 32 * (at + 1),
    parameters: 9000 * (at + 1),
    macs: 1e7 / (at + 1),
    codes: at === 0 ? null : codesOf(net),
  });
  return {
    label: "ABCDEFGH"[net] as string,
    file: `models_save/wqaq/a_file_with_a_name_that_is_rather_long_${net}${text}.safetensors`,
    fileBytes: 1_234_567,
    arch: "nin",
    form: "trainable",
    quantization: "weights ternary (3), activations 4 bits (DoReFa)",
    parameters: 970_000,
    macs: 222_000_000,
    packedBytes: 3_900_000 / (net + 1),
    peakActivationBytes: 360_448 >> net,
    peakActivationFloat32Bytes: 1_441_792,
    imagesPerSecond: 1234.5 + net,
    layers: Array.from({ length: 9 }, (_, at) => layer(at)),
    history: historyOf(net, made),
    test: isTested
      ? {
          accuracy: 92.7 - net,
          loss: 0.25,
          correct: 900,
          agreement: 100 - net,
          becameRight: 10 * net,
          becameWrong: 14 * net,
          confusion: Array.from({ length: classes }, (_, row) =>
            Array.from({ length: classes }, (_, column) =>
              row === column ? 952 - net : column % 3,
            ),
          ),
        }
      : null,
  };
};

const changedImage = (index: number, nets: number, folder: string | null): ChangedImage => ({
  index,
  file: folder && `${folder}/val/automobile${index % 3}/IMG_${index}_from_the_old_camera.jpeg`,
  pixels: Uint8Array.from({ length: 32 * 32 * 3 }, (_, at) => (at * (index + 1)) % 256),
  truth: index % 3,
  chosen: Array.from({ length: nets }, (_, net) => (index + net) % 3),
});

/** A comparison with everything in it that a page may have to show. */
export const madeUpComparison = (made: MadeUp = {}): Comparison => {
  const { nets = 3, classes = 10, isTested = true, text = "", folder = null } = made;
  const classNames = Array.from({ length: classes }, (_, at) => `automobile${at}${text}`);
  return {
    nets: Array.from({ length: nets }, (_, net) => netOf(net, made)),
    images: isTested
      ? {
          kind: "tested",
          dataSet: `cifar${text}`,
          folder,
          count: 10_000,
          classNames,
          height: 32,
          width: 32,
          changed: Array.from({ length: 6 }, (_, index) => changedImage(index, nets, folder)),
          changedCount: 321,
        }
      : { kind: "none", why: `no cifar10 in ${text}` },
    speedBatch: 32,
  };
};
