// Temporary signpost: the model card schema is packages/inference/src/card.ts (zod). The card's frontEnd is the object of settings.ts.
