/** The shop: the catalogue and the cart of the room's store. Renders from the session and the cart's state alone. */
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { announce } from '../shell/announce.ts';
import { isPresent, reachableOthers } from '../state/reach.ts';
import type { OpenSession } from '../state/store-controller.ts';
import { icon } from '../theme/icons.ts';
import { base, controls } from '../theme/shared.ts';
import { count, price } from '../words.ts';
import './cart.ts';
import { CartSession } from './cart-session.ts';
import { itemCount } from './merge-view.ts';
import { picture, pictureStyles } from './pictures.ts';
import { type Product, products } from './products.ts';
import { receiptText } from './receipt.ts';

const receiptSymbols = { none: '', sending: '○', saved: '●', failed: '✕' } as const;

export class Shop extends LitElement {
  static override properties = { session: { attribute: false }, cart: {} };
  declare session: OpenSession | undefined;
  declare cart: string;
  #cart: CartSession | undefined;

  static override styles = [
    base,
    controls,
    pictureStyles,
    css`
      .shop { display: grid; grid-template-columns: minmax(0, 1fr) minmax(340px, 400px); gap: 40px; align-items: start; }
      .intro { margin-block-end: 24px; display: grid; gap: 4px; }
      .products { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(168px, 44%), 1fr)); gap: 24px 20px; }
      .product { display: grid; gap: 10px; align-content: start; }
      .tile { position: relative; }
      .in-cart {
        position: absolute; inset-block-start: 8px; inset-inline-end: 8px; min-inline-size: 28px; padding-inline: 8px; border-radius: 999px;
        background: var(--accent); color: var(--on-accent); font-weight: 650; font-size: 0.875rem; line-height: 28px; text-align: center;
      }
      .product .text { display: grid; grid-template-columns: 1fr auto; column-gap: 8px; align-items: baseline; }
      .product h3 { font-weight: 600; }
      .product .unit { grid-column: 1 / -1; }
      .product button { inline-size: 100%; }
      .tile { transition: translate 200ms; }
      .product:hover .tile { translate: 0 -3px; }
      tb-cart { position: sticky; inset-block-start: 20px; }
      .bar { display: none; }
      @media (max-width: 1000px) { .shop { grid-template-columns: minmax(0, 1fr) 340px; gap: 28px; } }
      @media (max-width: 820px) {
        .shop { grid-template-columns: minmax(0, 1fr); }
        tb-cart { position: static; scroll-margin-block-start: 16px; }
        .bar {
          position: sticky;
          inset-block-end: 0;
          z-index: 1;
          display: grid;
          gap: 6px;
          margin: 0 -16px -24px;
          padding: 10px 16px calc(10px + env(safe-area-inset-bottom));
          background: var(--paper);
          border-block-start: 1px solid var(--line);
        }
        .bar p { font-size: 0.875rem; line-height: 1.35; }
        .bar p[data-state='failed'] { color: var(--bad); }
        .bar button { inline-size: 100%; justify-content: space-between; min-block-size: 48px; }
      }
      @media (max-width: 480px) { .products { gap: 20px 14px; } }
      @media (prefers-reduced-motion: reduce) { .product:hover .tile { translate: none; } }
    `,
  ];

  constructor() {
    super();
    this.cart = 'main';
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#cart?.dispose();
    this.#cart = undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('session');
    const moved = changed.has('session') && before?.store !== this.session?.store;
    if (!this.session || !(moved || changed.has('cart') || !this.#cart)) return;
    this.#cart?.dispose();
    this.#cart = new CartSession(this.session.store, this.cart, () => this.requestUpdate());
  }

  #add(product: Product): void {
    this.#cart?.add(product.id);
    const line = this.#cart?.state.lines.find(({ item }) => item === product.id);
    announce(this, `Added ${product.name}. ${line?.quantity ?? 1} in the cart.`);
  }

  readonly #toCart = (): void => {
    const cart = this.renderRoot.querySelector('tb-cart');
    cart?.scrollIntoView({ block: 'start' });
    cart?.focusHeading();
  };

  protected override render() {
    const { session } = this;
    const cart = this.#cart;
    if (!session || !cart) return nothing;
    const { lines } = cart.state;
    return html`
      <div class="shop">
        <section aria-labelledby="catalogue">
          <div class="intro">
            <h1 id="catalogue">The corner shop</h1>
            <p class="soft">Nobody runs it. The cart is kept by the tabs that have it open.</p>
          </div>
          <ul class="products">
            ${repeat(
              products,
              ({ id }) => id,
              (product) => this.#product(product, lines),
            )}
          </ul>
        </section>
        <tb-cart .cart=${cart} .state=${cart.state} .names=${session.names} .room=${session.room}
          .others=${reachableOthers(session.view, session.cuts)} .apart=${apart(session)}></tb-cart>
        ${this.#bar(cart.state, session)}
      </div>`;
  }

  /** On a phone: what became of the last press, wherever the page is scrolled to. */
  #bar({ lines, save }: CartSession['state'], { names }: OpenSession) {
    const items = itemCount(lines);
    if (items === 0 && save.state === 'none') return nothing;
    const text = save.state === 'sending' ? 'Saving…' : receiptText(save, names);
    return html`<div class="bar" data-testid="bar">
      ${text ? html`<p data-state=${save.state} data-testid="bar-receipt">${receiptSymbols[save.state]} ${text}</p>` : nothing}
      <button class="primary" @click=${this.#toCart}><span>To the cart</span><span>${count(items, 'item')}</span></button>
    </div>`;
  }

  #product(product: Product, lines: CartSession['state']['lines']) {
    const inCart = lines.find(({ item }) => item === product.id)?.quantity;
    return html`<li class="product">
      <div class="tile">
        ${picture(product.id)}
        ${inCart ? html`<span class="in-cart">${inCart}<span class="hidden-text"> in the cart</span></span>` : nothing}
      </div>
      <div class="text">
        <h3>${product.name}</h3>
        <span>${price(product.price)}</span>
        <span class="unit soft small">${product.unit}</span>
      </div>
      <button aria-label="Add ${product.name}" @click=${() => this.#add(product)}>${icon('plus')} Add</button>
    </li>`;
  }
}

/** Whether some other member is out of this tab's reach. */
function apart({ view, cuts }: OpenSession): boolean {
  const others = view.members.filter((member) => member.id !== view.self.id && isPresent(member)).length;
  return reachableOthers(view, cuts) < others;
}

customElements.define('tb-shop', Shop);
