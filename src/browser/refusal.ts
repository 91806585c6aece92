/**
 * Why an introducer that can be reached does not let this tab in, in words for people ([SIG-3]). A page learns little
 * of that: the code with which a socket was closed, and, where none was opened, whether anything answers there at all.
 */
import { SignalingError } from '../api/errors.ts';
import { closeCodes } from '../signaling/protocol.ts';

/** How one attempt to be welcomed has ended. */
export type Failure =
  /** No socket was opened, or it broke: nobody may be there. */
  | { readonly kind: 'unopened' }
  | { readonly kind: 'closed'; readonly code: number; readonly text: string }
  | { readonly kind: 'silent' }
  /** The browser itself makes no such socket. */
  | { readonly kind: 'forbidden'; readonly text: string };

/** Codes with which a connection, or a server that stops, ends: no refusal. */
const passing: ReadonlySet<number> = new Set([1000, 1001, 1005, 1006, 1012]);
const answerMs = 3000;

/** Undefined if the introducer has refused nothing: it is away. */
export async function refusalOf(
  failure: Failure,
  url: URL,
  answers: (url: URL) => Promise<boolean> = answersHttp,
): Promise<SignalingError | undefined> {
  const where = `the introducer at ${url.host}`;
  switch (failure.kind) {
    case 'forbidden':
      return new SignalingError(
        'refused',
        `this browser opens no socket to ${where} (${failure.text}): check the address`,
      );
    case 'silent':
      return new SignalingError(
        'silent',
        `${where} takes connections and says nothing: restart it, or what stands between`,
      );
    case 'closed':
      if (failure.code === closeCodes.busy) return new SignalingError('full', `${where} has no place: ${full}`);
      if (passing.has(failure.code)) return undefined;
      return new SignalingError(
        'refused',
        `${where} refuses this tab (${failure.code} ${failure.text}): reload the page, its server may be of another version`,
      );
    case 'unopened':
      return (await answers(url)) ? new SignalingError('refused', `${where} ${notOpened()}`) : undefined;
    default:
      return failure satisfies never;
  }
}

const full = 'the room is full, or the server is. Close other tabs of the room, or try again later';

/** The introducer let another page load in as this node. */
export const replacedAt = (url: URL): SignalingError =>
  new SignalingError(
    'replaced',
    `another page has joined the introducer at ${url.host} as this same node, as a copy of this browser profile does: ` +
      'close one of the two, and reload the other',
  );

function notOpened(): string {
  const origin = globalThis.location?.origin ?? 'this one';
  return (
    `answers, but takes no socket of this page. Either it does not know pages from ${origin} (its TABRING_ORIGINS says ` +
    'which it takes), or it has as many connections as it takes, or it is no introducer: check the address'
  );
}

/** Whether a server is there: what it answers to a page of another origin cannot be read, but that it does. */
async function answersHttp(url: URL): Promise<boolean> {
  const address = new URL(url);
  address.protocol = url.protocol === 'wss:' ? 'https:' : 'http:';
  address.hash = '';
  try {
    const asking = { method: 'HEAD', mode: 'no-cors', cache: 'no-store', credentials: 'omit' } as const;
    const { type, status } = await fetch(address, { ...asking, signal: AbortSignal.timeout(answerMs) });
    return type === 'opaque' || status < 500;
  } catch {
    return false;
  }
}
