/** The shell: reads the route, keeps the store of its room open, and shows the page that was asked for. */
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { formatRoute, newRoom, parseRoute, type Route } from './router.ts';
import { alarms, newAlarms } from './shell/alarms.ts';
import { type Announcement, type Announcer, announce } from './shell/announce.ts';
import { cutBanner } from './shell/cut-banner.ts';
import { FocusKeeper } from './shell/focus-keeper.ts';
import './shell/invite.ts';
import { applyTheme, nextTheme, storedTheme, type Theme, themeIcon } from './shell/theme-choice.ts';
import './ring/ring.ts';
import './shop/shop.ts';
import { appStyles } from './app-styles.ts';
import { explained } from './errors.ts';
import { cartKey } from './shop/cart-session.ts';
import { type Health, health } from './state/health.ts';
import { type OpenSession, type OpenStore, StoreController } from './state/store-controller.ts';
import { icon } from './theme/icons.ts';
import { nodeLabel } from './theme/node-label.ts';
import { base, controls, nodes } from './theme/shared.ts';

const joining = html`<h1>Joining the room…</h1><p class="soft">Looking for the other tabs.</p>`;

/** What takes long, and what can be done about it. */
const slow = {
  storage: html`<h1>Waiting for this browser’s storage…</h1>
    <p>The browser has not opened this tab’s database yet.</p>
    <p class="soft">If it goes on, close other tabs of this page, or restart the browser.</p>`,
  introducer: html`<h1>Waiting for the introducer…</h1>
    <p>It is the small server that lets the tabs of a room find each other, and has not let this tab in yet. This page keeps trying.</p>
    <p class="soft">Check that you are online. If you run Tabring yourself, see whether <span class="mono">npm start</span> is still running.</p>`,
  ring: html`<h1>Waiting for the ring…</h1>
    <p>The introducer has answered. This tab waits for the other tabs of the room to tell it who is there, and for its own disk.</p>`,
} as const;

export class App extends LitElement {
  static override styles = [base, controls, nodes, appStyles];
  static override properties = {
    open: { attribute: false },
    hash: { attribute: false },
    theme: { state: true },
    route: { state: true },
  };
  /** How a room's store is opened; the gallery opens a prepared one. */
  declare open: OpenStore | undefined;
  /** An address to stay at, in place of the browser's own. */
  declare hash: string | undefined;
  declare theme: Theme;
  declare route: Route;
  #stores: StoreController | undefined;
  /** Where Back from the ring leads. */
  #cart = 'main';
  #told: Health['level'] | undefined;
  /** The codes of the alarms that were said. */
  #alarms: ReadonlySet<string> = new Set();

  constructor() {
    super();
    this.theme = storedTheme();
    this.route = { page: 'home' };
    applyTheme(this.theme);
    new FocusKeeper(this, () => this.renderRoot.querySelector('main'));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('hashchange', this.#arrive);
    this.addEventListener('announce', this.#announce);
    this.addEventListener('navigate', this.#navigate);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('hashchange', this.#arrive);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.#stores && this.open) {
      this.#stores = new StoreController(this, this.open);
      this.#arrive();
    } else if (changed.has('hash')) this.#arrive();
  }

  protected override updated(): void {
    const { route } = this;
    const session = this.#stores?.session;
    if (session?.state === 'open') this.#tell(session);
    document.title =
      route.page === 'home' ? 'Tabring' : `${titles[route.page]} · ${'room' in route ? `${route.room} · ` : ''}Tabring`;
  }

  /** Says when the ring's health becomes better or worse, and each alarm once; the sentence itself changes too often. */
  #tell(session: OpenSession): void {
    const { level, sentence } = health(session.view, session.cuts, session.names);
    const raised = newAlarms(session, this.#alarms);
    if (raised.length > 0) announce(this, raised.join(' '), 'health');
    else if (this.#told !== undefined && this.#told !== level) announce(this, `${sentence}.`, 'health');
    this.#told = level;
    this.#alarms = new Set(session.view.alarms.map(({ code }) => code));
  }

  /** Follows the address; without a room in it, makes one. */
  readonly #arrive = (): void => {
    const route = parseRoute(this.hash ?? location.hash);
    if (route.page === 'states') return;
    if (route.page === 'home') {
      const room = newRoom((bytes) => crypto.getRandomValues(bytes));
      location.replace(formatRoute({ page: 'cart', room, cart: 'main' }));
      return;
    }
    if (route.page === 'cart') this.#cart = route.cart;
    const isMove = this.route.page !== 'home' && this.route.page !== route.page;
    this.route = route;
    if (route.page !== 'wrong') this.#stores?.show(route.room);
    if (isMove) void this.updateComplete.then(() => this.renderRoot.querySelector('main')?.focus());
  };

  readonly #navigate = (event: Event): void => {
    if (!(event instanceof CustomEvent) || typeof event.detail !== 'string') return;
    if (this.hash === undefined) location.hash = event.detail;
    else this.hash = event.detail;
  };

  readonly #announce = (event: Event): void => {
    if (!(event instanceof CustomEvent)) return;
    const { detail }: CustomEvent<Announcement> = event;
    this.renderRoot.querySelector<Announcer>('tb-announcer')?.say(detail);
  };

  readonly #turnTheme = (): void => {
    this.theme = nextTheme(this.theme);
    applyTheme(this.theme);
  };

  protected override render() {
    const { route } = this;
    if (route.page === 'wrong') return wrongAddress(route);
    if (route.page !== 'cart' && route.page !== 'ring') return nothing;
    const session = this.#stores?.session;
    return html`
      <a class="skip" href="#main" @click=${this.#skip}>Skip to the content</a>
      ${this.#header(route)}
      ${session?.state === 'open' ? this.#status(session, route.room) : nothing}
      <main id="main" tabindex="-1">${this.#main(route)}</main>
      <footer class="soft small">
        <p>Tabring is a key-value store after Amazon’s Dynamo whose nodes are browser tabs. Each tab of this room keeps part of the
        data and passes it on directly to the others; the server only introduces them.</p>
      </footer>
      <tb-announcer></tb-announcer>`;
  }

  /** The hash is the page's address, so the link's own jump would leave the room. */
  readonly #skip = (event: Event): void => {
    event.preventDefault();
    this.renderRoot.querySelector<HTMLElement>('main')?.focus();
  };

  #header(route: RoomRoute) {
    const { room } = route;
    const tab = (page: 'cart' | 'ring', hash: string, label: string) =>
      html`<a href=${hash} aria-current=${route.page === page ? 'page' : 'false'} @click=${this.#follow}>${label}</a>`;
    return html`<header>
      <div class="brand">
        <svg viewBox="0 0 32 32" aria-hidden="true"><g fill="none" stroke-width="6">
          <path d="M16 5a11 11 0 0 1 9.530 5.500" class="arc-b" /><path d="M26.800 14.600A11 11 0 0 1 18.600 26.700" class="arc-a" /><path d="M14.100 26.800A11 11 0 0 1 13.100 5.400" class="arc-c" />
        </g></svg>
        <span class="wordmark">Tabring</span>
        <span class="room"><span class="hidden-text">Room </span>${room}</span>
      </div>
      <nav aria-label="Pages">
        ${tab('cart', formatRoute({ page: 'cart', room, cart: this.#cart }), 'Shop')}
        ${tab('ring', formatRoute({ page: 'ring', room, key: cartKey(this.#cart) }), 'Ring')}
      </nav>
      <button class="plain theme" aria-label="Theme: ${this.theme}" title="Theme: ${this.theme}" @click=${this.#turnTheme}>${icon(themeIcon[this.theme])}</button>
    </header>`;
  }

  /** In the gallery links lead within the picture. */
  readonly #follow = (event: Event): void => {
    if (this.hash === undefined || !(event.currentTarget instanceof HTMLAnchorElement)) return;
    event.preventDefault();
    this.hash = event.currentTarget.hash;
  };

  #status(session: OpenSession, room: string) {
    const { view, names, cuts } = session;
    const { level, sentence } = health(view, cuts, names);
    const link = new URL(formatRoute({ page: 'cart', room, cart: this.#cart }), location.href).href;
    return html`<div class="status">
        <p class="who">You are ${nodeLabel(names(view.self.id))}</p>
        <p class="health" data-level=${level} data-testid="health"><span class="dot" aria-hidden="true"></span>${sentence}</p>
        <tb-invite .link=${link}></tb-invite>
      </div>
      <div class="banners">
        ${cutBanner(session)}
        ${alarms(session, this.#follow)}
      </div>`;
  }

  #main(route: RoomRoute) {
    const session = this.#stores?.session;
    switch (session?.state) {
      case undefined:
      case 'none':
        return nothing;
      case 'opening':
        return html`<section class="card wait" aria-live="polite">
          <div class="pulse" aria-hidden="true"></div>
          ${session.slow ? slow[session.waitsFor] : joining}
        </section>`;
      case 'failed':
        return html`<section class="card wait" role="alert">
          <h1>This tab could not join</h1>
          <p>${explained(session.error)}</p>
          ${session.again ? html`<p class="soft">This page keeps trying.</p>` : nothing}
          <button class="primary" @click=${() => this.#stores?.retry()}>Try again</button>
        </section>`;
      case 'open':
        // The shop stays while the ring is shown, and with it the receipt of the last change.
        return html`<tb-shop .session=${session} cart=${this.#cart} ?hidden=${route.page !== 'cart'}></tb-shop>
          ${route.page === 'ring' ? html`<tb-ring .session=${session} .keyName=${route.key} .node=${route.node}></tb-ring>` : nothing}`;
      default:
        return session satisfies never;
    }
  }
}

type RoomRoute = Extract<Route, { room: string }>;

const titles = { cart: 'Cart', ring: 'Ring', states: 'States', wrong: 'No such page' } as const;

/** No room is opened: who followed it wanted another one. */
const wrongAddress = ({ why }: Extract<Route, { page: 'wrong' }>) =>
  html`<main id="main" tabindex="-1"><section class="card wait" role="alert" data-testid="wrong-address">
    <h1>This address leads nowhere</h1>
    <p>${why}</p>
    <p class="soft">Look at it again, or ask for the link once more: mail programs cut long ones.</p>
    <a class="button primary" href="#/">Open a new room</a>
  </section></main>`;

customElements.define('tb-app', App);

declare global {
  interface HTMLElementTagNameMap {
    'tb-app': App;
  }
}
