/**
 * The number of the protocol: of what nodes say to each other ([NET-5]). How to raise it is in
 * docs/decisions/versions-of-formats.md. Invariant: builds with the same number have the same schemas of messages.
 *
 *   1   0.1.0, which greets nobody
 *   2   greetings; a context is one object; other names
 */
import type { Protocols } from './greeting.ts';

/** `oldest` is the lowest that this build still understands, and is understood by. */
export const protocols: Protocols = { protocol: 2, oldest: 2 };

/** By protocol, a hash of all schemas of messages; `scripts/formats.test.ts` holds the last against the code. */
export const protocolHashes: Readonly<Record<number, string>> = {
  2: '8762bb1ac915ee43',
};
