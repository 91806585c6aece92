/**
 * Messages that should not be, as alarms ([API-1], [RING-2]): what this node would have said that no peer takes, and
 * events that a peer says and nobody else takes. Invariant: neither reaches a node.
 */
import type { NodeId } from '../core/ids.ts';
import type { MessageType } from '../core/message.ts';
import type { EdgeAlarms } from './alarms.ts';
import type { Deadlines } from './deadlines.ts';

export class MessageFaults {
  readonly #alarms: EdgeAlarms;
  readonly #deadlines: Pick<Deadlines, 'now'>;
  readonly #unsound = new Map<NodeId, number>();
  #unsent = 0;

  constructor(alarms: EdgeAlarms, deadlines: Pick<Deadlines, 'now'>) {
    this.#alarms = alarms;
    this.#deadlines = deadlines;
  }

  /** A message of ours passes no peer's schema: it was not sent. */
  unsendable(type: MessageType): void {
    this.#unsent += 1;
    this.#raise(
      'message-unsent',
      `${this.#unsent} messages that this tab made (the last one: '${type}') are none that others take, and were not ` +
        'sent. That is a fault of Tabring: reload this tab, and report it',
    );
  }

  /** A peer's history has come, with so many events that are none. */
  history(peer: NodeId, unsound: number): void {
    if (unsound > 0) this.#unsound.set(peer, unsound);
    else if (!this.#unsound.delete(peer)) return;
    this.#tell();
  }

  down(peer: NodeId): void {
    if (this.#unsound.delete(peer)) this.#tell();
  }

  #tell(): void {
    const tabs = [...this.#unsound].map(([peer, events]) => `${peer} (${events})`).join(', ');
    if (tabs === '') this.#alarms.clear('history-unsound');
    else {
      const message = `Tabs say events of membership that nobody takes, and that were left out: ${tabs}. Reload those tabs`;
      this.#raise('history-unsound', message);
    }
  }

  #raise(code: string, message: string): void {
    this.#alarms.raise(code, message, this.#deadlines.now());
  }
}
