/**
 * What a get answers: [S6] its context covers every version returned, siblings are concurrent, values
 * are those written; and sessions ([GET-4]), by their names: a read that met its quorum shows all that the
 * session has written (read-your-writes) or read before (monotonic-reads), or what replaced it; and who
 * sees a write sees no less than its writer had (writes-follow-reads).
 */
import type { ClientReply } from '../../src/core/requests.ts';
import type { VersionMetadata } from '../../src/core/version/siblings.ts';
import type { Observer } from '../world/observer.ts';
import { isSeen, type ReadOperation, type WriteOperation } from '../world/operation-log.ts';
import { covers } from '../world/oracle.ts';
import { textOf } from '../world/text.ts';
import type { World } from '../world/world.ts';

export class ReadsChecker implements Observer {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  answered(read: ReadOperation | WriteOperation, reply: ClientReply): void {
    if (read.kind !== 'get' || reply.kind !== 'get') return;
    const { outcome } = reply;
    const { log } = this.#world;
    const where = `read ${read.index} of ${read.key}`;
    for (const version of outcome.siblings) {
      const write = log.identify(read.key, version);
      if (write && textOf(version.value) !== write.value) {
        this.#world.report('S6', `${where} shows another value than write ${write.index} wrote`);
      }
      if (write) this.#follows(where, version, write);
      if (!covers(outcome.context, version.dot))
        this.#world.report('S6', `${where}: its context misses ${version.dot}`);
      if (outcome.siblings.some((other) => covers(other.context, version.dot))) {
        this.#world.report('S5', `${where} shows ${version.dot} beside what replaced it`);
      }
      if (version.deleted) this.#world.mark('tombstone read');
    }
    this.#claims(read, where, outcome);
    if (outcome.quorum === 'under') this.#world.mark('read under quorum');
    else this.#sessionHolds(read, where, log.pastOf(read.key, outcome.siblings, outcome.context));
  }

  #claims(read: ReadOperation, where: string, outcome: Extract<ClientReply, { kind: 'get' }>['outcome']): void {
    const past = this.#world.log.pastOf(read.key, outcome.siblings, outcome.context);
    for (const write of this.#world.log.writesOf(read.key)) {
      // A retried forward may have left a second copy, which is not the one that was read.
      if (past.has(write.index) || !isSeen(outcome.context, write)) continue;
      this.#world.report('S3', `${where} claims write ${write.index}, which it does not show`);
    }
  }

  /** Read-your-writes for what the session wrote itself, monotonic reads for what it had read. */
  #sessionHolds(read: ReadOperation, where: string, past: ReadonlySet<number>): void {
    for (const index of read.seen.past) {
      const write = this.#world.log.writes.get(index);
      if (write === undefined || past.has(index) || write.excused || this.#world.log.isReaped(write)) continue;
      const checker = write.session === read.session ? 'read-your-writes' : 'monotonic-reads';
      this.#world.report(checker, `${where} on ${read.node} does not know write ${index}, which its session had seen`);
    }
  }

  /** Who sees a write sees, or sees replaced, all that its writer had seen. */
  #follows(where: string, version: VersionMetadata, write: WriteOperation): void {
    for (const index of write.token.past) {
      const before = this.#world.log.writes.get(index);
      // Of a retried forward the writer may have seen either copy.
      if (
        before === undefined ||
        this.#world.log.isReaped(before) ||
        before.dots.length === 0 ||
        isSeen(version.context, before)
      )
        continue;
      this.#world.report('writes-follow-reads', `${where}: write ${write.index} does not follow write ${index}`);
    }
  }
}
