/**
 * One connection attempt to one peer, and the link it becomes: simple-peer below, frames above
 * ([NET-1]). Invariant: `open` and `closed` are each reported at most once, `closed` last, and
 * nothing at all after `close()` was called.
 *
 *   send ─► FrameWriter ─(end of turn, while the channel's buffer is low)─► channel
 *   channel ─► FrameReader ─► message (core) | payload (other links' introductions, goodbye)
 */
import Peer from 'simple-peer/simplepeer.min.js';
import type { Lane } from '../api/ports.ts';
import { FrameReader, FrameWriter } from '../wire/frames.ts';
import type { SignalStep } from './steps.ts';

export type Closed = 'failed' | 'ended' | 'malformed' | 'overflow';

export interface LinkEvents {
  /** A step for the other side's `signal`. */
  signal(step: unknown): void;
  open(): void;
  /** Returns false if the bytes are no message. */
  message(bytes: Uint8Array): boolean;
  /** A link-level payload; returns false if it is not valid. */
  payload(bytes: Uint8Array): boolean;
  rejected(reason: string): void;
  closed(why: Closed): void;
}

export interface PeerLink {
  /** Takes what the other side's `signal` event gave; the same steps may come twice. */
  signal(steps: readonly SignalStep[]): void;
  send(message: Uint8Array, lane: Lane): void;
  /** Queues a link-level payload. */
  sendPayload(payload: Uint8Array): void;
  /** Drops frames from now on in these directions; both false lifts it. */
  cut(send: boolean, receive: boolean): void;
  close(): void;
}

export type MakeLink = (initiator: boolean, events: LinkEvents) => PeerLink;

/** The channel is fed up to here, so that control can still overtake bulk that waits in the queue. */
const bufferedBytes = 262_144;
const malformedMax = 20;
const messageKind = 0;
const linkKind = 1;

/** `ice` is asked for each attempt: credentials expire. Where it rejects, the attempt has failed. */
export function webRtcLinks(ice: () => Promise<RTCConfiguration>): MakeLink {
  return (initiator, events) => new WebRtcLink(initiator, ice(), events);
}

class WebRtcLink implements PeerLink {
  /** Undefined until it is known how to set it up. */
  #peer: Peer | undefined;
  /** Steps that came before. */
  #early: object[] = [];
  readonly #initiator: boolean;
  readonly #events: LinkEvents;
  readonly #reader = new FrameReader();
  readonly #writer = new FrameWriter();
  #state: 'connecting' | 'open' | 'closed' = 'connecting';
  #described = false;
  #flushing = false;
  #malformed = 0;
  #cutSend = false;
  #cutReceive = false;

  constructor(initiator: boolean, ice: Promise<RTCConfiguration>, events: LinkEvents) {
    this.#initiator = initiator;
    this.#events = events;
    ice.then(
      (config) => this.#begin(config),
      () => this.#ended('failed'),
    );
  }

  #begin(config: RTCConfiguration): void {
    if (this.#state === 'closed') return;
    const peer = new Peer({ initiator: this.#initiator, trickle: true, config });
    this.#peer = peer;
    peer.on('signal', (step) => this.#state !== 'closed' && this.#events.signal(step));
    peer.on('connect', () => this.#opened());
    peer.on('data', (data) => this.#receive(data));
    // An error is always followed by a close, but a destroyed peer must never lack a listener.
    peer.on('error', () => this.#ended('failed'));
    peer.on('close', () => this.#ended('ended'));
    for (const step of this.#early.splice(0)) this.#take(step);
  }

  signal(steps: readonly SignalStep[]): void {
    if (this.#state === 'closed') return;
    for (const step of steps) {
      if (step.type === 'candidate') this.#take(step);
      else if (step.type === (this.#initiator ? 'answer' : 'offer')) {
        if (!this.#described) this.#take(step);
        this.#described = true;
      } else this.#events.rejected('signal');
    }
  }

  #take(step: object): void {
    if (this.#peer === undefined) {
      this.#early.push(step);
      return;
    }
    try {
      this.#peer.signal(step);
    } catch {
      this.#events.rejected('signal');
    }
  }

  send(message: Uint8Array, lane: Lane): void {
    this.#push(message, lane, messageKind);
  }

  sendPayload(payload: Uint8Array): void {
    this.#push(payload, 'control', linkKind);
  }

  #push(bytes: Uint8Array, lane: Lane, kind: 0 | 1): void {
    if (this.#state !== 'open' || this.#cutSend) return;
    if (!this.#writer.push(bytes, lane, kind)) return this.#fail('overflow');
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    const peer = this.#peer;
    const channel = peer?._channel;
    if (this.#state !== 'open' || this.#cutSend || !peer || !channel) return;
    try {
      while (channel.bufferedAmount < bufferedBytes) {
        const frame = this.#writer.next();
        if (frame === undefined) return;
        peer.send(frame);
      }
    } catch {
      this.#fail('failed');
    }
  }

  #receive(data: Uint8Array): void {
    // The other side may be ready first: what it sends proves that the channel is open.
    this.#opened();
    if (this.#state !== 'open') return;
    const accepted = this.#reader.accept(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    if (!Array.isArray(accepted)) return this.#reject(accepted.reason);
    if (this.#cutReceive) return;
    for (const { kind, bytes } of accepted) {
      if (this.#isClosed()) return;
      if (kind === messageKind) {
        if (!this.#events.message(bytes)) this.#reject('message');
      } else if (!this.#events.payload(bytes)) this.#reject('payload');
    }
  }

  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #reject(reason: string): void {
    this.#events.rejected(reason);
    this.#malformed++;
    if (this.#malformed >= malformedMax) this.#fail('malformed');
  }

  #opened(): void {
    const channel = this.#peer?._channel;
    if (this.#state !== 'connecting' || !channel) return;
    this.#state = 'open';
    channel.addEventListener('bufferedamountlow', () => this.#flush());
    this.#events.open();
  }

  cut(send: boolean, receive: boolean): void {
    // What was sent before the cut may have left in part. The rest waits, as it would in a cut wire.
    if (send && !this.#cutSend) this.#flush();
    this.#cutSend = send;
    this.#cutReceive = receive;
    this.#flush();
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#flush();
    this.#state = 'closed';
    this.#peer?.destroy();
  }

  #fail(why: Closed): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#peer?.destroy();
    this.#events.closed(why);
  }

  #ended(why: Closed): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#events.closed(why);
  }
}
