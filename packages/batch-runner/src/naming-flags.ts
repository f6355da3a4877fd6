import { UndertoneError } from '@undertone/shared';

/**
 * Runs `act`, and names the flag instead of the library's own setting in what it throws.
 * @param flags setting's dotted path → flag
 */
export async function namingFlags<T>(
  flags: Readonly<Record<string, string>>,
  act: () => T | Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    const flag = thrown instanceof UndertoneError ? flags[thrown.subject] : undefined;
    if (!flag || !(thrown instanceof UndertoneError)) throw thrown;
    throw new UndertoneError(
      thrown.code,
      flag,
      thrown.message.replace(` for ${thrown.subject} `, ` for ${flag} `),
    );
  }
}
