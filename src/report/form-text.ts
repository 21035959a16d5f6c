/** The form of a net (see netForms) as users read it: weights stored in the form `baked` are quantized weights. */
export const formText = (form: string): string => form.replace(/^baked\b/, "quantized");
