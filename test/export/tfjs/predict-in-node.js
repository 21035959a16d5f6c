// Called as a process of its own, since TensorFlow.js's engine is shared within one: URL NAME...
import * as tf from "@tensorflow/tfjs";
import { predict } from "./predict.js";

const [base, ...names] = process.argv.slice(2);
await tf.setBackend("cpu");
process.stdout.write(JSON.stringify(await predict(tf, base, names)));
