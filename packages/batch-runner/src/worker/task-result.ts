/** What a worker's entry answers: a posted Error would lose its class and code. */
import type { ErrorData } from '@undertone/shared';

export type TaskResult<R> = { readonly value: R } | { readonly error: ErrorData };
