/** Times as people say them. Invariant: `fromUnit(inUnit(ms))` is `ms`, of any whole number of milliseconds. */

const sizes = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, days: 86_400_000 } as const;

export type Unit = keyof typeof sizes;

export interface Amount {
  /** As it is typed: empty while nothing is. */
  readonly text: string;
  readonly unit: Unit;
}

export const units: readonly Unit[] = ['ms', 's', 'min', 'h', 'days'];

export const isUnit = (text: string): text is Unit => Object.hasOwn(sizes, text);

const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });

/** The largest unit in which it is at least 1, and which needs no more than two digits after the point. */
export function inUnit(ms: number): Amount {
  const fits = (unit: Unit): boolean => ms >= sizes[unit] && (ms * 100) % sizes[unit] === 0;
  const unit = ms === 0 ? 'min' : (units.findLast(fits) ?? 'ms');
  return { text: String(ms / sizes[unit]), unit };
}

/** Whole milliseconds; NaN of what is no number. */
export const fromUnit = ({ text, unit }: Amount): number =>
  text.trim() === '' ? Number.NaN : Math.round(Number(text) * sizes[unit]);

/** "1.8 s", "7 days", "1.67 min" */
export function duration(ms: number): string {
  const unit = units.findLast((unit) => ms >= sizes[unit]) ?? 'ms';
  const amount = number.format(ms / sizes[unit]);
  return unit === 'days' && amount === '1' ? '1 day' : `${amount} ${unit}`;
}
