/**
 * Builds of the library beside each other on one server, so that their tabs meet in one room: each in a bare page,
 * `/builds/?build=<name>&room=<room>`, which exposes its store as the real page does. That one is at `/` if its
 * folder is given.
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningServer, startServer } from '../../signaling-server/server.ts';
import type * as Library from '../../src/index.ts';

declare global {
  /** What the build of a bare page exports. */
  var library: typeof Library;
  /** Opens a store in this room, as the page does that is given one. */
  var openRoom: (room: string) => Promise<void>;
}

const html = '<!doctype html><meta charset="utf-8"><title>Build</title><script type="module" src="./open.js"></script>';

/** Without `room` it only loads the library: a test may look into the databases first. */
const script = `
const asked = new URLSearchParams(location.search);
globalThis.library = await import('./' + asked.get('build') + '.js');
const { json, openStore } = library;
globalThis.openRoom = async (room) => {
  globalThis.tabring = await openStore({ room, signaling: 'ws://' + location.host + '/', codec: json() });
};
if (asked.has('room')) await openRoom(asked.get('room'));
`;

/** `builds`: the code of each by its name. */
export async function serveBuilds(builds: Readonly<Record<string, string>>, page?: string): Promise<RunningServer> {
  const dist = await mkdtemp(join(tmpdir(), 'tabring-builds-'));
  if (page !== undefined) await cp(page, dist, { recursive: true });
  const folder = join(dist, 'builds');
  await mkdir(folder);
  await writeFile(join(folder, 'index.html'), html);
  await writeFile(join(folder, 'open.js'), script);
  for (const [name, code] of Object.entries(builds)) await writeFile(join(folder, `${name}.js`), code);
  const server = await startServer({ dist });
  return {
    ...server,
    async close() {
      await server.close();
      await rm(dist, { recursive: true, force: true });
    },
  };
}

export const addressOf = ({ url }: RunningServer, build: string, room?: string): string => {
  const asked = new URLSearchParams({ build, ...(room === undefined ? {} : { room }) });
  return `${url}/builds/?${asked}`;
};
