/** What happens in a simulated world, for checkers, clients and traces. All of it is told at once. */
import type { Input, Ready } from '../../src/core/ready.ts';
import type { ClientReply } from '../../src/core/requests.ts';
import type { WriteBatch } from '../../src/core/storage.ts';
import type { Host } from './host.ts';
import type { ReadOperation, WriteOperation } from './operation-log.ts';

export interface Observer {
  /** A fault begins or ends, a tab opens, a checker finds something, and the like, in words. */
  noted?(text: string): void;
  started?(host: Host): void;
  /** Its process is gone, its disk as it may be. */
  stopped?(host: Host): void;
  stepped?(host: Host, input: Input, ready: Ready): void;
  /** Its disk has completed this. */
  committed?(host: Host, batch: WriteBatch): void;
  /** Called before (true) and after its disk loses some or all of what was complete. */
  losing?(host: Host, before: boolean, loss: Loss): void;
  /** The operation has got this answer. */
  answered?(operation: ReadOperation | WriteOperation, reply: ClientReply): void;
  /** All faults have ended, and the world should be at rest. */
  atRest?(): void;
}

/** `handed-over`: the node has left, so nothing may be lost by it. */
export type Loss = 'power-cut' | 'wiped' | 'vanished' | 'rotten' | 'restored' | 'removed' | 'handed-over';
