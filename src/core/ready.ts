/**
 * What goes into `step` and what comes out, all plain data. A driver (the browser's or the
 * simulator's) performs a Ready and feeds back what happened; the core itself touches nothing.
 *
 * What a driver must do with a Ready:
 * 1. put `writes` on disk as one unit, in the order in which Readies came;
 * 2. send at once every message that has no `after`; hold one with `after` until that write, of this
 *    or an earlier Ready, is complete, and drop it if the write fails. When a write has ended feed
 *    `written` or `write-failed` BEFORE anything else, then let go what waited for it. Messages to
 *    the node itself come back as an input of their own (only ones with `after` are left to you);
 * 3. answer each of `reads`, in any order;
 * 4. hand `replies` to their askers; and call with `wake` at `wakeAt` at the latest.
 */
import type { NodeId } from './ids.ts';
import type { Message } from './message.ts';
import type { ClientReply, ClientRequest } from './requests.ts';
import type { Found, Opened, Read, WriteBatch } from './storage.ts';

export type Input =
  /** Storage was opened, or opened again after it was lost: all that is stored is in it. */
  | { readonly type: 'opened'; readonly opened: Opened }
  | { readonly type: 'message'; readonly from: NodeId; readonly message: Message }
  | { readonly type: 'request'; readonly id: number; readonly request: ClientRequest }
  | { readonly type: 'written'; readonly id: number }
  | { readonly type: 'write-failed'; readonly id: number }
  | { readonly type: 'read'; readonly id: number; readonly found: Found }
  | { readonly type: 'peer-up'; readonly peer: NodeId }
  | { readonly type: 'peer-down'; readonly peer: NodeId }
  /** Those that the introducer shows in the room, and to whom there is no link ([PUT-4]). */
  | { readonly type: 'unlinked'; readonly peers: readonly NodeId[] }
  /** The page was hidden or shown ([MEM-4]). */
  | { readonly type: 'hidden'; readonly hidden: boolean }
  | { readonly type: 'wake' };

export interface Send {
  readonly to: NodeId;
  readonly message: Message;
  /** The write that must be complete before this leaves. */
  readonly after?: number;
}

/** What happened, for those who look on: store events, traces, "sometimes" coverage. */
export type Notice =
  | { readonly kind: 'changed'; readonly key: string }
  | { readonly kind: 'membership' }
  | { readonly kind: 'mark'; readonly name: string };

export interface Ready {
  readonly writes: WriteBatch | undefined;
  readonly reads: readonly Read[];
  readonly sends: readonly Send[];
  readonly replies: readonly { readonly id: number; readonly reply: ClientReply }[];
  readonly notices: readonly Notice[];
  /** The members to keep links to; undefined if unchanged ([MEM-5]). */
  readonly dial: readonly NodeId[] | undefined;
  /** Absolute time of the next deadline; Infinity if there is none. */
  readonly wakeAt: number;
}
