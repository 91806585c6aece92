/**
 * Where the focus goes when what had it is removed, hidden or disabled, by a press or by news of another tab. Invariant:
 * it does not fall to the body: it goes to the nearest part round it that can take it, or to `otherwise`.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

export class FocusKeeper implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #otherwise: () => HTMLElement | null;
  readonly #observer = new MutationObserver(() => this.#check());
  /** What has the focus, and all that it is in; empty if that is nothing here. */
  #path: readonly Node[] = [];

  constructor(host: ReactiveControllerHost & HTMLElement, otherwise: () => HTMLElement | null) {
    this.#host = host;
    this.#otherwise = otherwise;
    host.addController(this);
  }

  hostConnected(): void {
    this.#host.addEventListener('focusin', this.#follow);
    this.#host.addEventListener('focusout', this.#left);
  }

  hostDisconnected(): void {
    this.#host.removeEventListener('focusin', this.#follow);
    this.#host.removeEventListener('focusout', this.#left);
    this.#forget();
  }

  /** A move of the focus within one component is heard of in that component alone: so each root is listened to. */
  readonly #follow = (): void => {
    const active = activeElement();
    if (active === undefined || active === this.#path[0]) return;
    this.#forget();
    this.#path = pathOf(active);
    for (const root of this.#path) {
      if (!(root instanceof ShadowRoot)) continue;
      root.addEventListener('focusin', this.#follow);
      this.#observer.observe(root, {
        childList: true,
        subtree: true,
        attributes: true,
        attributeFilter: ['hidden', 'disabled'],
      });
    }
  };

  /** Somebody clicked beside everything, which is his to do; what is removed is seen by now. */
  readonly #left = (event: FocusEvent): void => {
    if (event.relatedTarget !== null) return;
    queueMicrotask(() => {
      if (this.#isLost()) this.#check();
      else if (activeElement() === undefined && document.hasFocus()) this.#forget();
    });
  };

  #forget(): void {
    for (const root of this.#path) root.removeEventListener('focusin', this.#follow);
    this.#path = [];
    this.#observer.disconnect();
  }

  #isLost(): boolean {
    const [target] = this.#path;
    return target instanceof Element && !canBeSeen(target);
  }

  #check(): void {
    if (!this.#isLost()) return;
    const active = activeElement();
    if (active !== undefined && !this.#path.includes(active)) return this.#follow();
    const around = this.#path.slice(1).find(takesFocus);
    (around ?? this.#otherwise())?.focus();
    this.#follow();
  }
}

const canBeSeen = (element: Element): boolean =>
  element.isConnected && element.checkVisibility() && !element.matches(':disabled');

const takesFocus = (part: Node): part is HTMLElement =>
  part instanceof HTMLElement && part.hasAttribute('tabindex') && canBeSeen(part);

/** Within all components; undefined if nothing has the focus. */
function activeElement(): Element | undefined {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active === null || active === document.body ? undefined : active;
}

/** The element, all that it is in, and the roots of their components. */
function pathOf(element: Element): Node[] {
  const path: Node[] = [];
  let node: Node | null = element;
  while (node !== null) {
    path.push(node);
    node = node instanceof ShadowRoot ? node.host : node.parentNode;
  }
  return path;
}
