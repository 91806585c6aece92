/** What became of the last change: how many owners have stored it, and who holds it. */
import { css, html, LitElement, nothing } from 'lit';
import type { Names } from '../animals.ts';
import { base, controls } from '../theme/shared.ts';
import type { Save } from './cart-session.ts';
import { chips, headline } from './receipt-chips.ts';

/** What became of the last change, in one line; empty while there is nothing to say. */
export function receiptText(save: Save, names: Names): string {
  if (save.state === 'saved') return headline(save, names);
  return save.state === 'failed' ? `${notSaved(save)} ${save.message}` : '';
}

const notSaved = ({ maybe }: Extract<Save, { state: 'failed' }>): string =>
  maybe ? 'This may have been saved.' : 'Not saved yet.';

export class ReceiptView extends LitElement {
  static override properties = { save: { attribute: false }, names: { attribute: false }, ring: {} };
  declare save: Save;
  declare names: Names | undefined;
  /** Where the write can be seen on the ring. */
  declare ring: string;

  static override styles = [
    base,
    controls,
    css`
      .receipt { display: grid; gap: 10px; padding: 14px 16px; border-radius: var(--radius); background: var(--sunken); }
      .head { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 4px 12px; align-items: center; }
      .chips { display: flex; flex-wrap: wrap; gap: 6px; }
      .chip {
        display: inline-flex; gap: 6px; padding: 2px 10px; border: 1px solid var(--line-strong); border-radius: 999px;
        background: var(--card); font-size: 0.8125rem;
      }
      .chip[data-state='stored'] .symbol { color: var(--accent); }
      .chip[data-state='kept'] .symbol { color: var(--warn); }
      .chip[data-state='failed'] .symbol { color: var(--bad); }
      a { display: inline-block; font-size: 0.875rem; padding-block: 2px; }
    `,
  ];

  constructor() {
    super();
    this.save = { state: 'none' };
    this.ring = '';
  }

  protected override render() {
    const { save, names } = this;
    switch (save.state) {
      case 'none':
        return nothing;
      case 'sending':
        return html`<div class="receipt" data-testid="receipt"><strong>○ Saving…</strong></div>`;
      case 'failed':
        return html`<div class="notice bad" data-testid="receipt">
          <span><strong>${notSaved(save)}</strong> ${save.message}</span>
          <button class="compact" @click=${() => this.dispatchEvent(new Event('retry'))}>Try again</button>
        </div>`;
      case 'saved':
        if (!names) return nothing;
        return html`<div class="receipt" data-testid="receipt">
          <div class="head"><strong>${headline(save, names)}</strong><a href=${this.ring}>Watch this write on the ring</a></div>
          <ul class="chips" aria-label="Who holds it">
            ${chips(save, names).map(
              ({ state, symbol, text }) =>
                html`<li class="chip" data-state=${state}><span class="symbol" aria-hidden="true">${symbol}</span>${text}</li>`,
            )}
          </ul>
        </div>`;
      default:
        return save satisfies never;
    }
  }
}

customElements.define('tb-receipt', ReceiptView);
