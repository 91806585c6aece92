/**
 * The "sometimes" list: what must happen in some run or other, or the runs say nothing about it. The
 * core's own marks come as notices; the rest is seen here.
 */
import type { Input } from '../../src/core/ready.ts';
import type { Host } from '../world/host.ts';
import type { Observer } from '../world/observer.ts';
import type { World } from '../world/world.ts';

export class Coverage implements Observer {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  stepped(_host: Host, input: Input): void {
    if (input.type === 'write-failed') this.#world.mark('write failed');
    if (input.type === 'opened' && input.opened.epoch > 1) this.#world.mark('opened again');
    if (input.type !== 'message') return;
    const { message } = input;
    if (message.type === 'forward') this.#world.mark('forwarded');
    if (message.type === 'refused') this.#world.mark('refused');
    if (message.type === 'store') this.#world.mark(`stored by ${message.reason}`);
    if (message.type === 'probed') this.#world.mark('probed');
  }
}

/** What the simulator itself must have seen in the sum of many runs. */
export const sometimes: readonly string[] = [
  'siblings',
  'tombstone read',
  'under quorum',
  'read under quorum',
  'hinted',
  'hint given up',
  'key handed over',
  'forwarded',
  'refused',
  'probed',
  'stored by repair',
  'stored by hint',
  'stored by sync',
  'write failed',
  'opened again',
  'power cut lost something',
  'watcher told',
  'twins',
  // What faults must have come to
  'away longer than the tombstone time',
  'cut of 6 s',
  'cut of 60 s',
  'half a ring changed',
  'introduced by a peer',
  'killed in a write',
  'lied to',
  'link overflowed',
  'one-way link for good',
  'rest without the dead',
  'stalled for more than 5 s',
  'values rotted',
  // The core's own marks
  'checkpoint',
  'configured',
  'fallback-read',
  'forward-again',
  'forward-hedged',
  'found',
  'hedge',
  'hint-delivered',
  'hint-expired',
  'hint-refused',
  'hint-stored',
  'new-epoch',
  'read-from-disk',
  'read-repair',
  'reaped',
  'rot-found',
  'scrubbed',
  'session-widened',
  'sloppy-write',
  'suspect',
  'sync-interrupted',
  'sync-push',
  'transfer-done',
  'reap-undone',
  'value-lost',
];
