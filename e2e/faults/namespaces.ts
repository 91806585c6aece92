/**
 * A network of its own for each browser: Linux network namespaces whose cables end in one bridge. The bridge is
 * in a namespace as well, with the introducer, so nothing here touches the machine's own network.
 *
 *     node 0 ──eth0────port0─┐
 *     node 1 ──eth0────port1─┤ bridge in the hub: 10.77.0.1, the introducer, and the rules of what is dropped
 *     node 2 ──eth0────port2─┘
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { launchOptions } from '../launch.ts';

const run = promisify(execFile);
/** The program that sets up namespaces, cables and addresses. */
const ip = 'ip';
const prefix = 'tabring-';
const hubAddress = '10.77.0.1';
const port = 7420;

/** Which packets are dropped: all of those from one node to another, or some. */
export interface Drop {
  readonly from?: number;
  readonly to?: number;
  /** Percent, less than 100; default: all. */
  readonly share?: number;
}

export class Namespaces implements AsyncDisposable {
  readonly url = `http://${hubAddress}:${port}`;
  readonly #name = `${prefix}${process.pid}-`;
  readonly #hub = `${this.#name}hub`;
  readonly #count: number;
  readonly #folder: string;
  #server: ChildProcess | undefined;

  private constructor(count: number, folder: string) {
    this.#count = count;
    this.#folder = folder;
  }

  /** Why there can be none on this machine; undefined if there can. */
  static async unavailable(): Promise<string | undefined> {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'network namespaces take root on Linux';
    for (const [program, flag] of [
      [ip, '-V'],
      ['tc', '-V'],
      ['nft', '-v'],
    ] as const) {
      try {
        await run(program, [flag]);
      } catch {
        return `the program ${program} is missing`;
      }
    }
    const probe = new Namespaces(1, '');
    try {
      await probe.#connect();
      return undefined;
    } catch (error) {
      return `no network namespace can be set up: ${String(error)}`;
    } finally {
      await probe.#remove();
    }
  }

  /** With the page of this folder served from the hub. */
  static async create(count: number, dist: string): Promise<Namespaces> {
    await removeForgotten();
    const namespaces = new Namespaces(count, await mkdtemp(join(tmpdir(), prefix)));
    try {
      await namespaces.#connect();
      await namespaces.#serve(dist);
    } catch (error) {
      await namespaces[Symbol.asyncDispose]();
      throw error;
    }
    return namespaces;
  }

  /** A program that runs the browser in the network of this node. */
  async browserOf(node: number): Promise<string> {
    const file = join(this.#folder, `browser-${node}`);
    await writeFile(file, `#!/bin/sh\nexec ip netns exec ${this.#of(node)} '${launchOptions.executablePath}' "$@"\n`);
    await chmod(file, 0o755);
    return file;
  }

  /** From now on these packets are dropped on their way through the bridge, and no others. */
  async drop(drops: readonly Drop[]): Promise<void> {
    const rules = drops.map(({ from, to, share }) => {
      const source = from === undefined ? '' : `ip saddr ${addressOf(from)} `;
      const target = to === undefined ? '' : `ip daddr ${addressOf(to)} `;
      const chance = share === undefined ? '' : `numgen random mod 100 < ${share} `;
      return `add rule bridge faults forward ${source}${target}${chance}drop`;
    });
    const lines = ['flush chain bridge faults forward', ...rules];
    await this.#inHub('nft', lines.join('; '));
  }

  /** Both directions between these groups. */
  between(...groups: readonly (readonly number[])[]): Drop[] {
    return groups.flatMap((group) =>
      groups
        .filter((other) => other !== group)
        .flatMap((other) => group.flatMap((from) => other.map((to) => ({ from, to })))),
    );
  }

  /** Pulls the node's cable, or puts it back. */
  async plug(node: number, state: 'up' | 'down'): Promise<void> {
    await this.#inHub(ip, 'link', 'set', `port${node}`, state);
  }

  /** How many kilobits a second pass to the node and from it; undefined: as many as can. */
  async bandwidth(node: number, kilobits: number | undefined): Promise<void> {
    const shaped = kilobits !== undefined;
    const how = shaped ? ['tbf', 'rate', `${kilobits}kbit`, 'burst', '16kb', 'latency', '300ms'] : [];
    const change = shaped ? 'replace' : 'del';
    await this.#inHub('tc', 'qdisc', change, 'dev', `port${node}`, 'root', ...how);
    await run(ip, ['netns', 'exec', this.#of(node), 'tc', 'qdisc', change, 'dev', 'eth0', 'root', ...how]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const server = this.#server;
    if (server?.exitCode === null) {
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
    }
    await this.#remove();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #connect(): Promise<void> {
    await run(ip, ['netns', 'add', this.#hub]);
    await this.#inHub(ip, 'link', 'add', 'bridge', 'type', 'bridge');
    await this.#inHub(ip, 'address', 'add', `${hubAddress}/24`, 'dev', 'bridge');
    await this.#inHub(ip, 'link', 'set', 'bridge', 'up');
    await this.#inHub(ip, 'link', 'set', 'lo', 'up');
    for (let node = 0; node < this.#count; node++) {
      const name = this.#of(node);
      await run(ip, ['netns', 'add', name]);
      await this.#inHub(ip, 'link', 'add', `port${node}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
      await this.#inHub(ip, 'link', 'set', `port${node}`, 'master', 'bridge', 'up');
      await run(ip, ['-n', name, 'address', 'add', `${addressOf(node)}/24`, 'dev', 'eth0']);
      await run(ip, ['-n', name, 'link', 'set', 'eth0', 'up']);
      await run(ip, ['-n', name, 'link', 'set', 'lo', 'up']);
      // Browsers offer the address from which the world would be reached; the hub passes nothing on.
      await run(ip, ['-n', name, 'route', 'add', 'default', 'via', hubAddress]);
    }
    await this.#inHub('nft', 'add table bridge faults');
    await this.#inHub('nft', 'add chain bridge faults forward { type filter hook forward priority 0; }');
  }

  async #serve(dist: string): Promise<void> {
    const script = fileURLToPath(new URL('./serve.ts', import.meta.url));
    const parameters = ['netns', 'exec', this.#hub, process.execPath, '--import', 'tsx', script];
    const server = spawn(ip, [...parameters, dist, hubAddress, String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#server = server;
    // It says where it is once it listens.
    await Promise.race([
      once(server.stdout, 'data'),
      once(server, 'exit').then(() => Promise.reject(new Error('the introducer did not start'))),
    ]);
  }

  async #remove(): Promise<void> {
    for (const name of [...Array.from({ length: this.#count }, (_, node) => this.#of(node)), this.#hub])
      await remove(name);
  }

  async #inHub(program: string, ...parameters: readonly string[]): Promise<void> {
    await run(ip, ['netns', 'exec', this.#hub, program, ...parameters]);
  }

  #of(node: number): string {
    return `${this.#name}${node}`;
  }
}

const addressOf = (node: number): string => `10.77.0.${10 + node}`;

/** With its end of the cable the other end goes, too. */
async function remove(name: string): Promise<void> {
  await run(ip, ['netns', 'delete', name]).catch(() => undefined);
}

/** Those of test runs that were ended before they could tidy up. */
async function removeForgotten(): Promise<void> {
  const { stdout } = await run(ip, ['netns', 'list']);
  for (const [name, pid] of stdout.matchAll(/^tabring-(\d+)-\w+/gm)) {
    try {
      process.kill(Number(pid), 0);
    } catch {
      await remove(name);
    }
  }
}
