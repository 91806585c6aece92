/** Says that versions of the cart were edited apart and merged, and shows how on request. */
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { announce } from '../shell/announce.ts';
import { base, controls } from '../theme/shared.ts';
import { count } from '../words.ts';
import type { MergeView } from './merge-view.ts';
import { productOf } from './products.ts';

const numbers = ['', '', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine'];

export class MergeNotice extends LitElement {
  static override properties = { merged: { attribute: false } };
  declare merged: MergeView | undefined;

  static override styles = [
    base,
    controls,
    css`
      .merge { display: grid; gap: 12px; padding: 14px 16px; border-radius: var(--radius); background: var(--accent-soft); }
      summary { cursor: pointer; min-block-size: 28px; color: var(--accent); font-weight: 550; }
      .head { display: grid; grid-template-columns: 1fr auto; gap: 8px; align-items: start; }
      .sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 12px; margin-block-start: 12px; }
      .side { padding: 12px; border-radius: 8px; background: var(--card); }
      .side h3 { font-size: 0.875rem; margin-block-end: 6px; }
      .side.result { grid-column: 1 / -1; border: 1px solid var(--accent); }
      li { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 8px; font-size: 0.875rem; padding-block: 2px; }
    `,
  ];

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('merged') && this.merged) announce(this, this.#sentence(this.merged), 'merge');
  }

  #sentence({ sides, items }: MergeView): string {
    return `${numbers[sides.length] ?? sides.length} versions of this cart were edited apart. Merged: ${count(items, 'item')}.`;
  }

  protected override render() {
    const { merged } = this;
    if (!merged) return nothing;
    return html`<div class="merge" data-testid="merge-notice">
      <div class="head">
        <p>${this.#sentence(merged)}</p>
        <button class="compact" @click=${() => this.dispatchEvent(new Event('dismiss'))}>Got it</button>
      </div>
      <details>
        <summary>See how</summary>
        <div class="sides">
          ${merged.sides.map(
            ({ name, lines }) => html`<section class="side">
              <h3>${name}</h3>
              <ul>${lines.length > 0 ? lines.map(({ item, quantity }) => this.#line(item, quantity)) : html`<li class="soft">empty</li>`}</ul>
            </section>`,
          )}
          <section class="side result">
            <h3>Merged</h3>
            <ul>${merged.result.map(({ item, quantity, from }) => this.#line(item, quantity, from))}</ul>
          </section>
        </div>
      </details>
    </div>`;
  }

  #line(item: string, quantity: number, from: readonly string[] = []) {
    return html`<li>
      <span>${quantity} × ${productOf(item).name}</span>
      ${from.length > 0 ? html`<span class="soft">from ${from.join(', ')}</span>` : nothing}
    </li>`;
  }
}

customElements.define('tb-merge-notice', MergeNotice);
