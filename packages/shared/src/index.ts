/** The only barrel of this package. */
export * from './digest.js';
export * from './emotion.js';
export * from './errors.js';
export * from './file-name.js';
export * from './flow.js';
export * from './grid.js';
export * from './role.js';
export * from './settings.js';
export * from './statistics.js';
export * from './utterance.js';
