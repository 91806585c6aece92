/** A node as it is written everywhere: its colour, its code and its name. Needs the `nodes` styles. */
import { html, type TemplateResult } from 'lit';
import type { NodeName } from '../animals.ts';
import { colorCount } from './shared.ts';

export const nodeLabel = (name: NodeName, note = ''): TemplateResult =>
  html`<span class="node" data-slot=${name.slot}>
    <span class="swatch ${name.slot >= colorCount ? 'hatched' : ''}" aria-hidden="true"></span><span>${name.label}${note && html` <span class="soft">${note}</span>`}</span>
  </span>`;
