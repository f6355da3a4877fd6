/** Where the models that come with Undertone lie. */
import { fileURLToPath } from 'node:url';

export const MODELS_FOLDER = fileURLToPath(new URL('../../../models', import.meta.url));
