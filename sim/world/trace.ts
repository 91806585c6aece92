/** One line of text for each thing that happens; the hash over them stands for the run. */
import type { Input, Ready } from '../../src/core/ready.ts';
import { shortName } from './names.ts';

export function describeInput(input: Input): string {
  switch (input.type) {
    case 'opened':
      return `opened ${input.opened.storeId}.${input.opened.epoch} keys ${input.opened.entries.length}`;
    case 'message': {
      const { message } = input;
      const key = 'key' in message ? ` ${message.key}` : '';
      const id = 'id' in message ? ` #${message.id}` : '';
      return `${message.type}${id}${key} from ${shortName(input.from)}`;
    }
    case 'request': {
      const key = 'key' in input.request ? ` ${input.request.key}` : '';
      return `request ${input.request.kind} #${input.id}${key}`;
    }
    case 'written':
    case 'write-failed':
    case 'read':
      return `${input.type} #${input.id}`;
    case 'peer-up':
    case 'peer-down':
      return `${input.type} ${shortName(input.peer)}`;
    case 'unlinked':
      return `unlinked ${input.peers.map(shortName).join(' ')}`;
    case 'hidden':
      return input.hidden ? 'hidden' : 'shown';
    case 'wake':
      return 'wake';
    default:
      return input satisfies never;
  }
}

export function describeReady(ready: Ready): string {
  const { writes } = ready;
  const keys = writes?.writes.map((write) =>
    write.kind === 'key'
      ? `${write.key}[${write.entry?.versions.map(({ dot }) => `${dot[0].slice(0, 3)}${dot[0].slice(12)}:${dot[1]}`) ?? 'gone'}]`
      : write.kind,
  );
  const sends = ready.sends.map(
    ({ to, message, after }) => `${message.type}>${shortName(to)}${after === undefined ? '' : `@${after}`}`,
  );
  const replies = ready.replies.map(({ id, reply }) => `${reply.kind}#${id}`);
  const marks = ready.notices.flatMap((notice) => (notice.kind === 'mark' ? [notice.name] : []));
  const parts = [
    writes === undefined ? '' : ` write#${writes.id}${writes.strict ? '!' : ''} ${keys}`,
    sends.length === 0 ? '' : ` send ${sends}`,
    replies.length === 0 ? '' : ` reply ${replies}`,
    marks.length === 0 ? '' : ` (${marks})`,
  ];
  return parts.join('');
}

/** FNV-1a twice over, with different seeds: 64 bits are enough to tell two runs apart. */
export class TraceHash {
  #low = 0x811c9dc5;
  #high = 0x1234567;

  add(line: string): void {
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < line.length; i++) {
      const code = line.charCodeAt(i);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ code, 0x01000193) ^ (high >>> 15);
    }
    this.#low = low;
    this.#high = high;
  }

  get hex(): string {
    const hex = (half: number): string => (half >>> 0).toString(16).padStart(8, '0');
    return hex(this.#high) + hex(this.#low);
  }
}
