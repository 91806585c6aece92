/** The core with a bug planted, built in memory and loaded; the simulator and its checkers stay as they are. */
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';
import type { NodeOptions } from '../../src/core/config.ts';
import type { Core, CreateCore } from '../world/host.ts';
import { type Change, plant } from './mutant.ts';

export const corePath = fileURLToPath(new URL('../../src/core/', import.meta.url));

/** For a build or a test run: plants while the sources are loaded. */
export function planting(changes: readonly Change[]): Plugin {
  return {
    name: 'plant',
    enforce: 'pre',
    transform(code, id) {
      const here = changes.filter(({ file }) => id === `${corePath}${file}`);
      return here.length > 0 ? here.reduce((text, change) => plant(change, text), code) : undefined;
    },
  };
}

export async function changedCore(...changes: readonly Change[]): Promise<CreateCore> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [planting(changes)],
    ssr: { noExternal: true },
    build: { ssr: `${corePath}node.ts`, write: false, minify: false, target: 'node20' },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (output === undefined || !('output' in output)) throw new Error('nothing was built');
  const [{ code, moduleIds }] = output.output;
  const missed = changes.find(({ file }) => !moduleIds.includes(`${corePath}${file}`));
  if (missed) throw new Error(`'${missed.name}': ${missed.file} is no part of the core`);
  const built: unknown = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
  if (!isCore(built)) throw new Error('what was built is no core');
  return (options) => new built.RingNode(options);
}

function isCore(built: unknown): built is { RingNode: new (options: NodeOptions) => Core } {
  return typeof built === 'object' && built !== null && 'RingNode' in built && typeof built.RingNode === 'function';
}
