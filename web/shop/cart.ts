/** The cart: its lines, what became of the last change, and what was merged. */
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Names } from '../animals.ts';
import { formatRoute } from '../router.ts';
import { announce } from '../shell/announce.ts';
import { icon } from '../theme/icons.ts';
import { base, controls } from '../theme/shared.ts';
import { count, price } from '../words.ts';
import type { CartSession, CartState, Line } from './cart-session.ts';
import './merge-notice.ts';
import { itemCount } from './merge-view.ts';
import { picture, pictureStyles } from './pictures.ts';
import { productOf } from './products.ts';
import { receiptText } from './receipt.ts';

const mostOfOne = 999;

export class Cart extends LitElement {
  static override properties = {
    cart: { attribute: false },
    state: { attribute: false },
    names: { attribute: false },
    room: {},
    others: { attribute: false },
    apart: { attribute: false },
    typing: { state: true },
    problem: { state: true },
  };
  declare cart: CartSession | undefined;
  declare state: CartState | undefined;
  declare names: Names | undefined;
  declare room: string;
  /** How many other nodes this tab can talk to, and whether there are more that it cannot. */
  declare others: number;
  declare apart: boolean;
  /** A quantity that is being typed: what comes from elsewhere meanwhile does not take it away. */
  declare typing: { readonly item: string; readonly text: string } | undefined;
  declare problem: string | undefined;
  #told = '';

  static override styles = [
    base,
    controls,
    pictureStyles,
    css`
      .card { display: grid; gap: 16px; }
      .head { display: flex; align-items: baseline; justify-content: space-between; gap: 12px; }
      h2:focus, .card:focus { outline: none; }
      .lines { display: grid; }
      .line {
        display: grid;
        grid-template-columns: 52px minmax(0, 1fr) auto;
        grid-template-areas: 'picture name total' 'picture stepper remove';
        gap: 4px 14px;
        align-items: center;
        padding-block: 12px;
        border-block-start: 1px solid var(--line);
      }
      .line .picture { grid-area: picture; }
      .name { grid-area: name; font-weight: 600; }
      .name .soft { font-weight: 400; }
      .total { grid-area: total; text-align: end; }
      .stepper { grid-area: stepper; display: inline-flex; align-items: center; gap: 4px; }
      .stepper button { inline-size: 32px; min-block-size: 32px; padding: 0; border-radius: 50%; }
      .stepper input {
        inline-size: 48px; min-block-size: 32px; padding: 0; text-align: center; border-color: transparent; background: none;
        appearance: textfield; font-variant-numeric: tabular-nums;
      }
      .stepper input:hover { border-color: var(--line-strong); }
      .stepper input::-webkit-inner-spin-button { appearance: none; }
      .remove { grid-area: remove; justify-self: end; }
      .remove button { inline-size: 36px; min-block-size: 32px; padding: 0; color: var(--ink-soft); }
      .sum { display: flex; justify-content: space-between; padding-block-start: 16px; border-block-start: 2px solid var(--ink); font-weight: 650; font-size: 1.125rem; }
      .empty { display: grid; justify-items: center; gap: 12px; padding-block: 20px; text-align: center; color: var(--ink-soft); }
      .empty svg { inline-size: 88px; block-size: 72px; color: var(--line-strong); }
    `,
  ];

  constructor() {
    super();
    this.room = '';
    this.others = 0;
    this.apart = false;
  }

  focusHeading(): void {
    this.renderRoot.querySelector<HTMLElement>('h2')?.focus();
  }

  async #remove(item: string): Promise<void> {
    this.cart?.remove(item);
    announce(this, `Removed ${productOf(item).name}.`);
    // The shop renders first, and hands the new state down; then this cart renders.
    await this.updateComplete;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('#undo')?.focus();
  }

  #undo(): void {
    this.cart?.undoRemove();
    announce(this, 'Put back.');
    this.focusHeading();
  }

  #quantity(item: string, event: Event): void {
    if (!(event.target instanceof HTMLInputElement)) return;
    const { value, valueAsNumber } = event.target;
    this.typing = undefined;
    const isQuantity = Number.isInteger(valueAsNumber) && valueAsNumber >= 0 && valueAsNumber <= mostOfOne;
    this.problem = isQuantity
      ? undefined
      : `${value || 'That'} is no quantity of ${productOf(item).name}: type a whole number from 0 to ${mostOfOne}.`;
    if (this.problem) announce(this, this.problem);
    else if (valueAsNumber === 0) void this.#remove(item);
    else this.cart?.setQuantity(item, valueAsNumber);
    this.requestUpdate();
  }

  readonly #type = (item: string, { target }: Event): void => {
    if (target instanceof HTMLInputElement) this.typing = { item, text: target.value };
  };

  protected override updated(changed: PropertyValues<this>): void {
    const { state, names } = this;
    if (!changed.has('state') || !state || !names) return;
    const receipt = receiptText(state.save, names);
    if (receipt !== this.#told && receipt !== '') announce(this, `${receipt}.`, 'receipt');
    this.#told = receipt;
    if (state.heard.length > 0 && changed.get('state')?.heard !== state.heard)
      announce(this, heardText(state.heard), 'others');
  }

  protected override render() {
    const { cart, state, names } = this;
    if (!cart || !state || !names) return nothing;
    const { lines } = state;
    const sum = lines.reduce((total, { item, quantity }) => total + productOf(item).price * quantity, 0);
    return html`
      <section class="card" tabindex="-1" aria-labelledby="heading" data-testid="cart">
        <div class="head">
          <h2 id="heading" tabindex="-1">Your cart</h2>
          <span class="soft" data-testid="item-count">${count(itemCount(lines), 'item')}</span>
        </div>
        ${this.#standing(state)}
        ${state.merged ? html`<tb-merge-notice .merged=${state.merged} @dismiss=${() => cart.dismissMerge()}></tb-merge-notice>` : nothing}
        ${state.foreign > 0 ? html`<p class="notice warn">${count(state.foreign, 'version')} under this key cannot be read as a cart, and is left out.</p>` : nothing}
        ${lines.length === 0 ? this.#empty(state) : nothing}
        <ul class="lines">
          ${repeat(
            lines,
            ({ item }) => item,
            (line) => this.#line(line.item, line.quantity),
          )}
        </ul>
        ${this.problem ? html`<p class="notice warn" data-testid="problem">${this.problem}</p>` : nothing}
        ${
          state.removed
            ? html`<p class="notice"><span>Removed ${productOf(state.removed.item).name}.</span><button id="undo" class="compact" @click=${this.#undo}>Undo</button></p>`
            : nothing
        }
        ${lines.length > 0 ? html`<p class="sum"><span>Total</span><span data-testid="total">${price(sum)}</span></p>` : nothing}
        <tb-receipt .save=${state.save} .names=${names} .ring=${formatRoute({ page: 'ring', room: this.room, key: cart.key })}
          @retry=${() => cart.retry()}></tb-receipt>
      </section>`;
  }

  /** Who this tab works with while others are out of reach. */
  #standing({ waiting }: CartState) {
    if (!this.apart) return nothing;
    const company = this.others > 0 ? `Working with ${count(this.others, 'other tab')}.` : 'Working alone.';
    const changes =
      waiting > 0 ? ` ${count(waiting, 'change')} will be shared when links return.` : ' You can go on shopping.';
    return html`<p class="notice warn" data-testid="standing"><span><strong>${company}</strong>${changes}</span></p>`;
  }

  #empty({ read }: CartState) {
    return html`<div class="empty">
      <svg viewBox="0 0 88 72" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
        <path d="M10 32h68l-8 32H18zM24 32L38 8M64 32L50 8M32 42v12M44 42v12M56 42v12"/>
      </svg>
      <p>${read ? 'Nothing in it yet. What you add appears in every tab of this room.' : 'Asking the other tabs what is in it…'}</p>
    </div>`;
  }

  #line(item: string, quantity: number) {
    const product = productOf(item);
    const add = (more: number) => this.cart?.add(item, more);
    return html`<li class="line" data-testid="line-${item}">
      ${picture(item)}
      <span class="name">${product.name} <span class="soft small">${price(product.price)}</span></span>
      <span class="total">${price(product.price * quantity)}</span>
      <span class="stepper" role="group" aria-label="${product.name}">
        <button aria-label="One ${product.name} less" @click=${() => (quantity > 1 ? add(-1) : this.#remove(item))}>${icon('minus')}</button>
        <input type="number" inputmode="numeric" min="0" max="999" aria-label="Quantity of ${product.name}"
          .value=${live(this.typing?.item === item ? this.typing.text : String(quantity))}
          @input=${(event: Event) => this.#type(item, event)} @blur=${() => (this.typing = undefined)} @change=${(event: Event) => this.#quantity(item, event)} />
        <button aria-label="One ${product.name} more" @click=${() => add(1)}>${icon('plus')}</button>
      </span>
      <span class="remove"><button class="plain" aria-label="Remove ${product.name}" title="Remove ${product.name}" @click=${() => this.#remove(item)}>${icon('bin')}</button></span>
    </li>`;
  }
}

/** "In another tab: 3 Lemons; Honey removed." */
function heardText(heard: readonly Line[]): string {
  const said = heard.map(({ item, quantity }) => {
    const { name } = productOf(item);
    return quantity > 0 ? `${quantity} ${name}` : `${name} removed`;
  });
  return `In another tab: ${said.slice(0, 4).join('; ')}${said.length > 4 ? `; and ${said.length - 4} more` : ''}.`;
}

customElements.define('tb-cart', Cart);

declare global {
  interface HTMLElementTagNameMap {
    'tb-cart': Cart;
  }
}
