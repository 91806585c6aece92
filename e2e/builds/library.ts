/**
 * Bundles a checkout's library as one module that a plain page can load: of a build before, to be kept as test data
 * (`npx tsx e2e/builds/library.ts <checkout> <file>`), or of this build, changed by a plugin.
 */
import { writeFile } from 'node:fs/promises';
import { build, type Plugin } from 'vite';

/** It is built code: neither types nor style of it are looked at. */
const banner = `// @ts-nocheck
// biome-ignore-all lint: it is built.
// biome-ignore-all format: it is built.
// biome-ignore-all assist: it is built.
/*! Tabring (MIT) with @msgpack/msgpack (ISC), @noble/hashes (MIT), idb (ISC), pure-rand (MIT), simple-peer (MIT) and
 * what that contains, and valibot (MIT); their licenses are in LICENSES.txt. */`;

export async function bundleLibrary(root: string, plugins: Plugin[] = []): Promise<string> {
  const built = await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins,
    build: {
      write: false,
      target: 'es2023',
      lib: { entry: 'src/index.ts', formats: ['es'] },
      rolldownOptions: { output: { codeSplitting: false, minify: true, postBanner: banner } },
    },
  });
  const parts = [built].flat().flatMap((part) => ('output' in part ? part.output : []));
  const [module] = parts.flatMap((part) => (part.type === 'chunk' ? [part.code] : []));
  if (module === undefined) throw new Error(`the build of ${root} gave no module`);
  return module;
}

const [, script, checkout, file] = process.argv;
if (script === import.meta.filename && checkout !== undefined && file !== undefined) {
  await writeFile(file, await bundleLibrary(checkout));
}
