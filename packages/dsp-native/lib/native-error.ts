/**
 * The one place where an error thrown by the native add-on becomes an UndertoneError.
 *
 * The add-on throws plain Errors whose `code` is a name of the closed list (src/napi/status.h); anything without
 * such a code is `internal`.
 */
import { toErrorData, UndertoneError } from '@undertone/shared';

/**
 * Runs one native call.
 * @param subject what the call is about: a path, a setting; becomes the error's subject
 * @throws UndertoneError with the native code, the native sentence, and the native error as `cause`
 */
export function mapNative<T>(call: () => T, subject: string): T {
  try {
    return call();
  } catch (thrown) {
    const data = toErrorData(thrown, subject);
    throw new UndertoneError(data.code, data.subject, data.message, { cause: thrown });
  }
}
