// Silences TensorFlow's start-up lines before any test loads it.
process.env.TF_CPP_MIN_LOG_LEVEL ??= "3";
