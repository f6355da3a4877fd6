/** The only barrel of this package. */
export * from './aggregate.js';
export * from './card.js';
export { columnsOf } from './card-checks.js';
export { cardDigest, loadCard, parseCard, readCard } from './card-file.js';
export { headlineOf, listModels, type ModelListing, resolveModel } from './catalogue.js';
export { classOrder, type Member, meanDistribution, membersOf } from './ensemble.js';
export { checkGolden, type Golden, type GoldenResult, goldenSchema } from './golden.js';
export { DEFAULT_BATCH_WINDOWS, type Model, type OpenOptions, openModel } from './model.js';
export {
  chooseProviders,
  deviceOf,
  type Provider,
  type ProviderChoice,
  type ProviderFacts,
  parseDevice,
  probeMachine,
} from './provider.js';
export { runtimeFolder } from './session.js';
export { cudaLibraryFolder, missingLibraries, withCudaLibraries } from './shared-libraries.js';
export { type ResolvedWindow, resolveWindow, type WindowOverrides, windowOverrides } from './window.js';
