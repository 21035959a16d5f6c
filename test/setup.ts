import fc from "fast-check";

// Silences TensorFlow's start-up lines before any test loads it.
process.env.TF_CPP_MIN_LOG_LEVEL ??= "3";

// One seed for all properties, so that a run that passes passes again; QPRUNE_TEST_SEED=N tries others.
fc.configureGlobal({ seed: Number(process.env.QPRUNE_TEST_SEED ?? 1) });
