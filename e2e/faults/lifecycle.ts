/** A page script with which a test hides the page. Browsers that are driven by tests hold every page visible. */

declare global {
  var lifecycle: {
    /** The page says that it is hidden, and its own timers come once a second. */
    hide(): void;
    show(): void;
  };
}

export function hideable(): void {
  let hidden = false;
  const { setTimeout } = globalThis;
  Object.defineProperty(globalThis, 'setTimeout', {
    value: new Proxy(setTimeout, {
      apply(timer, self, [call, delay, ...rest]) {
        const slowed = hidden ? 1000 * Math.max(1, Math.ceil(Number(delay ?? 0) / 1000)) : delay;
        return Reflect.apply(timer, self, [call, slowed, ...rest]);
      },
    }),
  });
  Object.defineProperty(document, 'hidden', { get: () => hidden });
  Object.defineProperty(document, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') });
  const become = (now: boolean): void => {
    hidden = now;
    document.dispatchEvent(new Event('visibilitychange'));
  };
  globalThis.lifecycle = { hide: () => become(true), show: () => become(false) };
}
