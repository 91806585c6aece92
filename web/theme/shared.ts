/** Styles that several components adopt: controls, cards, tables, and the colours of nodes. */
import { css, unsafeCSS } from 'lit';
import { slotCount } from '../animals.ts';

export const base = css`
  :host { display: block; }
  :host([hidden]) { display: none; }
  *, *::before, *::after { box-sizing: border-box; }
  [hidden] { display: none !important; }
  h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
  ul, ol { list-style: none; }
  h1, h2, h3 { line-height: 1.25; text-wrap: balance; letter-spacing: -0.012em; font-weight: 650; }
  h1 { font-size: 1.75rem; }
  h2 { font-size: 1.25rem; }
  h3 { font-size: 1rem; }
  p { text-wrap: pretty; }
  a { color: var(--accent); text-underline-offset: 0.2em; }
  .soft { color: var(--ink-soft); }
  .small { font-size: 0.875rem; }
  .mono { font-family: var(--mono); font-size: 0.8125rem; overflow-wrap: anywhere; }
  .card {
    padding: 24px;
    border: 1px solid var(--line);
    border-radius: calc(var(--radius) + 4px);
    background: var(--card);
    box-shadow: var(--shadow);
  }
  .hidden-text {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
  @media (max-width: 480px) { .card { padding: 16px; } }
  @media (prefers-reduced-motion: reduce) {
    *, *::before, *::after { transition: none !important; animation: none !important; }
  }
`;

export const controls = css`
  button, .button, select, input {
    font: inherit;
    min-block-size: 40px;
    border-radius: 10px;
    border: 1px solid var(--line-strong);
    background: var(--card);
    color: var(--ink);
    padding: 0 14px;
  }
  button, .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    cursor: pointer;
    font-weight: 550;
    text-decoration: none;
    transition: background-color 120ms, border-color 120ms;
  }
  button:hover, .button:hover { background: var(--sunken); }
  button.primary, .button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
  button.primary:hover, .button.primary:hover { background: var(--accent-strong); border-color: var(--accent-strong); }
  button.plain { border-color: transparent; background: none; color: var(--accent); padding: 0 8px; }
  button.plain:hover { background: var(--accent-soft); }
  button.compact { min-block-size: 32px; padding: 0 10px; font-size: 0.875rem; }
  button:disabled { opacity: 0.5; cursor: default; }
  select { padding-inline-end: 8px; }
  svg.icon { inline-size: 1.15em; block-size: 1.15em; flex: none; }
  .row { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 12px; }
  .notice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px 16px;
    padding: 12px 16px;
    border-radius: var(--radius);
    background: var(--accent-soft);
  }
  .notice.warn { background: var(--warn-soft); }
  .notice.warn strong { color: var(--warn); }
  .notice.bad { background: var(--bad-soft); }
  .notice.bad strong { color: var(--bad); }
  @media (forced-colors: active) {
    .notice, .card { border: 1px solid CanvasText; }
    [aria-pressed='true'] { outline: 2px solid CanvasText; }
  }
`;

export const tables = css`
  .scroll { overflow-x: auto; position: relative; }
  table { inline-size: 100%; border-collapse: collapse; text-align: start; }
  caption { text-align: start; padding-block-end: 8px; color: var(--ink-soft); font-size: 0.875rem; }
  th, td { padding: 10px 10px 10px 0; text-align: start; border-block-start: 1px solid var(--line); vertical-align: baseline; }
  thead th { border: 0; padding-block: 4px; font-size: 0.8125rem; font-weight: 550; color: var(--ink-soft); white-space: nowrap; }
  tbody th { font-weight: 550; }
  td.number, th.number { text-align: end; }
  th:last-child, td:last-child { padding-inline-end: 0; }
  @media (max-width: 480px) {
    table { font-size: 0.875rem; }
    th, td { padding-inline-end: 6px; }
    .node { gap: 6px; }
  }
  tr[aria-current='true'] > * { background: var(--accent-soft); }
`;

/** Every second dozen of slots is hatched. */
export const colorCount = 12;

const light = [
  '#0067c8',
  '#cf5500',
  '#974e66',
  '#0f9293',
  '#750524',
  '#397949',
  '#c170bb',
  '#592656',
  '#006246',
  '#1f2899',
  '#543600',
  '#da6a76',
];
const dark = [
  '#3280dd',
  '#e67339',
  '#cb7e96',
  '#57c5c5',
  '#c55865',
  '#aef1bb',
  '#ffcaf9',
  '#a26a9d',
  '#00976d',
  '#93adff',
  '#d6a866',
  '#fd8994',
];

/** `data-slot` colours an element and what is in it with `--node`; the second dozen is hatched. */
const slots = Array.from({ length: slotCount }, (_, slot) => {
  const color = `light-dark(${light[slot % colorCount] ?? ''}, ${dark[slot % colorCount] ?? ''})`;
  return `[data-slot='${slot}'] { --node: ${color}; }`;
});

export const nodes = css`
  ${unsafeCSS(slots.join('\n'))}
  .node { display: inline-flex; align-items: baseline; gap: 8px; white-space: nowrap; }
  .swatch {
    flex: none;
    align-self: center;
    inline-size: 14px;
    block-size: 14px;
    border-radius: 4px;
    background: var(--node);
    forced-color-adjust: none;
  }
  .swatch.hatched { background: repeating-linear-gradient(45deg, var(--node) 0 3px, var(--card) 3px 5px); outline: 1.5px solid var(--node); outline-offset: -1.5px; }
`;
