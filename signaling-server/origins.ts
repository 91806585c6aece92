/**
 * Which pages may open a socket. Browsers always send `Origin`; it must be the host that was asked, or
 * be on the list. A client without one is no page: it is refused unless that is allowed on purpose.
 */
import type { IncomingMessage } from 'node:http';

export interface OriginRule {
  /** Further origins, compared exactly, e.g. `https://shop.example`. */
  readonly origins: readonly string[];
  readonly allowNoOrigin: boolean;
}

export function isAllowedOrigin({ headers }: IncomingMessage, rule: OriginRule): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return rule.allowNoOrigin;
  const own = host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
  return own || rule.origins.includes(origin);
}

/** Reads `TABRING_ORIGINS` (separated by commas) and `TABRING_ALLOW_NO_ORIGIN` (`1`). */
export function originsFromEnvironment(environment: Readonly<Record<string, string | undefined>>): OriginRule {
  const origins = (environment.TABRING_ORIGINS ?? '').split(',').flatMap((text) => text.trim() || []);
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new RangeError(`TABRING_ORIGINS: "${origin}" is not an origin such as https://shop.example`);
    }
  }
  return { origins, allowNoOrigin: environment.TABRING_ALLOW_NO_ORIGIN === '1' };
}
