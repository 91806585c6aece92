/** Numbers, times and lists in words. Everything a locale changes goes through Intl. */

const number = new Intl.NumberFormat();
const oneDigit = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const list = new Intl.ListFormat('en', { type: 'conjunction' });
const money = new Intl.NumberFormat(undefined, { style: 'currency', currency: 'EUR' });
const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });

/** "1 hint", "3 hints" */
export const count = (amount: number, noun: string): string =>
  `${number.format(amount)} ${noun}${amount === 1 ? '' : 's'}`;

/** "Otter, Lynx, and Fox"; of more than three, "Otter, Lynx, and 4 others". */
export function listed(names: readonly string[], most = 3): string {
  if (names.length <= most) return list.format(names);
  return list.format([...names.slice(0, most - 1), `${names.length - most + 1} others`]);
}

/** An amount in cents. */
export const price = (minor: number): string => money.format(minor / 100);

const sizes = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'].map(
  (unit) => new Intl.NumberFormat(undefined, { style: 'unit', unit, maximumFractionDigits: 1 }),
);

/** "73.7 kB", "1.4 MB" */
export function bytes(amount: number): string {
  const thousands = Math.floor(Math.log10(Math.max(1000, amount)) / 3);
  const at = Math.min(thousands, sizes.length);
  return sizes[at - 1]?.format(amount / 1000 ** at) ?? '';
}

export const share = (part: number): string => percent.format(part);

export function ago(ms: number): string {
  if (ms < 10_000) return `${oneDigit.format(ms / 1000)} s ago`;
  if (ms < 90_000) return `${number.format(Math.round(ms / 1000))} s ago`;
  if (ms < 5_400_000) return `${number.format(Math.round(ms / 60_000))} min ago`;
  return `${number.format(Math.round(ms / 3_600_000))} h ago`;
}

export const milliseconds = (ms: number): string =>
  `${ms < 10 ? oneDigit.format(ms) : number.format(Math.round(ms))} ms`;
