/** Icons as inline drawings in the colour of the text beside them, which says the same. */
import { html, type SVGTemplateResult, svg } from 'lit';

const shapes = {
  plus: svg`<path d="M10 4v12M4 10h12"/>`,
  minus: svg`<path d="M4 10h12"/>`,
  bin: svg`<path d="M4 6h12M8 6V4h4v2M6 6l1 10h6l1-10"/>`,
  share: svg`<path d="M8 12l4-4M7 9l-2 2a3 3 0 0 0 4 4l2-2M13 11l2-2a3 3 0 0 0-4-4L9 7"/>`,
  tab: svg`<path d="M3 7h14v9H3zM3 7V4h6l1 3M13 10v3M11.500 11.500h3"/>`,
  up: svg`<circle cx="10" cy="10" r="7"/><path d="M7 10l2 2 4-4"/>`,
  suspect: svg`<circle cx="10" cy="10" r="7"/><path d="M8 8a2 2 0 1 1 2.500 2c-.4.2-.5.4-.5 1M10 13.500v.1"/>`,
  unreachable: svg`<path d="M10 3l8 14H2zM10 8v4M10 14.500v.1"/>`,
  hidden: svg`<path d="M15 12A6 6 0 0 1 8 5a6 6 0 1 0 7 7z"/>`,
  left: svg`<path d="M12 4H5v12h7M9 10h8M14 7l3 3-3 3"/>`,
  cut: svg`<circle cx="6" cy="14" r="2.500"/><circle cx="14" cy="14" r="2.500"/><path d="M7.500 12L14 3M12.500 12L6 3"/>`,
  ahead: svg`<path d="M4 10h12M11 5l5 5-5 5"/>`,
  sun: svg`<circle cx="10" cy="10" r="3.500"/><path d="M10 2v2M10 16v2M2 10h2M16 10h2M4.300 4.300l1.400 1.400M14.300 14.300l1.400 1.400M4.300 15.700l1.400-1.400M14.300 5.700l1.400-1.400"/>`,
  moon: svg`<path d="M16 12A7 7 0 0 1 8 4a7 7 0 1 0 8 8z"/>`,
  auto: svg`<circle cx="10" cy="10" r="7"/><path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor"/>`,
} satisfies Record<string, SVGTemplateResult>;

export type IconName = keyof typeof shapes;

export const icon = (name: IconName) =>
  html`<svg class="icon" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
    ${shapes[name]}
  </svg>`;
