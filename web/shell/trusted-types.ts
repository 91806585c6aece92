/**
 * The page's policy for Trusted Types: the one thing that may be loaded from an address made at run time
 * is a script of this origin (the store's clock runs in a worker). Everything else is refused, as without
 * a policy.
 */

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): unknown;
}

declare global {
  interface Window {
    readonly trustedTypes?: PolicyFactory;
  }
}

/** Where the browser enforces nothing, nothing is needed. */
export function allowOwnScripts(): void {
  window.trustedTypes?.createPolicy('default', {
    createScriptURL(address) {
      if (new URL(address, location.href).origin === location.origin) return address;
      throw new TypeError('only scripts of this origin are run');
    },
  });
}
