/**
 * How connections are set up, and why none is: the page's ICE servers, asked for at each attempt, and the alarm where the
 * introducer shows others and no link to any of them opens ([NET-6]).
 */

import type { StoreOptions } from '../api/api.ts';
import { hasRelay, iceServersRule, isIceServers } from '../api/ice-servers.ts';

export type IceOptions = Pick<StoreOptions<unknown>, 'iceServers' | 'iceTransportPolicy'>;

/** So long without a link is more than a slow start. */
const patienceMs = 10_000;

export class Connectivity {
  readonly #options: IceOptions;
  readonly #changed: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #present = 0;
  #isRaised = false;
  /** What was wrong with the page's own servers when they were last asked for. */
  #trouble: string | undefined;
  #hasRelay = false;

  constructor(options: IceOptions, changed: () => void) {
    this.#options = options;
    this.#changed = changed;
  }

  /** For one attempt. Rejects if the page gives nothing that can be used. */
  async ice(): Promise<RTCConfiguration> {
    const { iceServers = [], iceTransportPolicy = 'all' } = this.#options;
    try {
      const servers: unknown = typeof iceServers === 'function' ? await iceServers() : iceServers;
      if (!isIceServers(servers)) throw new TypeError(`it must return ${iceServersRule}`);
      this.#trouble = undefined;
      this.#hasRelay = hasRelay(servers);
      return { iceServers: [...servers], iceTransportPolicy };
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  /** How many others the introducer shows, and how many links are open. */
  update(present: number, open: number): void {
    this.#present = present;
    const isAlone = present > 0 && open === 0;
    if (isAlone) this.#timer ??= setTimeout(() => this.#raise(), patienceMs);
    else this.stop();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isRaised = false;
  }

  #raise(): void {
    this.#isRaised = true;
    this.#changed();
  }

  /** What to say while the alarm is raised. */
  get alarm(): string | undefined {
    if (!this.#isRaised) return undefined;
    const tabs = this.#present === 1 ? 'Another tab is' : `${this.#present} other tabs are`;
    return `${tabs} in this room, and no connection could be made: what is written stays here. ${this.#cause()}`;
  }

  #cause(): string {
    if (this.#trouble !== undefined) return `iceServers() has failed (${this.#trouble}): mend what gives the servers.`;
    if (this.#hasRelay) return 'The TURN server may be out of reach, or its credentials have expired: check both.';
    if (this.#options.iceTransportPolicy === 'relay') {
      return "iceTransportPolicy is 'relay', and iceServers has no turn: server: give one.";
    }
    return 'The networks between may let no direct connection through (NAT, firewall, VPN): give iceServers a turn: server.';
  }
}
