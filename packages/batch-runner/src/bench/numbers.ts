/** Numbers as people read them in tables and charts. */

/** Three or more digits: 33,012; 412; 8.31. */
export function times(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** With a prefix: 3.31 M. */
export function scaled(value: number): string {
  for (const [unit, name] of [
    [1e9, ' G'],
    [1e6, ' M'],
    [1e3, ' k'],
  ] as const)
    if (value >= unit) return `${(value / unit).toPrecision(3)}${name}`;
  return value.toPrecision(3);
}

export const percent = (share: number): string =>
  share >= 0.1 ? `${Math.round(100 * share)} %` : `${(100 * share).toPrecision(1)} %`;

export const threadsText = (threads: number): string => `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
