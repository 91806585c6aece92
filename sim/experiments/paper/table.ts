/** Tables as Markdown whose columns are padded, so that they read well in a terminal too. */

export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0), 3));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}

/** 0.1234 → `12.3%`. */
export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)}%`;

/** Milliseconds with as many digits as say something. */
export const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
