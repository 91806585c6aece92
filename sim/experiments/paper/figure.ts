/** What a figure is when it has been measured: text for the terminal and docs/PAPER.md, and a chart. */

export interface Figure {
  readonly title: string;
  /** Tables and lines, as Markdown that reads well as plain text too. */
  readonly blocks: readonly string[];
  /** SVG. */
  readonly chart: string;
}
