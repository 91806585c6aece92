/**
 * The project of all consumers: app/ and, below node_modules, what the packed package has and what it says that it
 * depends on. Outside of the repository, where nothing else is found by chance.
 */
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const variable = 'TABRING_CONSUMER';

/** The folder of the project, once it is there. */
export function project(): string {
  const folder = process.env[variable];
  if (folder === undefined) throw new Error('the project is made by the global set-up');
  return folder;
}

export const tarball = (): string => join(project(), 'tabring.tgz');

export default async function pack(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'tabring-consumer-'));
  process.env[variable] = folder;
  await cp(join(root, 'consumers/app'), folder, { recursive: true });
  const installed = join(folder, 'node_modules/tabring');
  await mkdir(installed, { recursive: true });

  // As for a release: the library is built before it is packed.
  const parameters = ['pack', '--silent', '--ignore-scripts=false', '--pack-destination', folder];
  const name = execFileSync('npm', parameters, { cwd: root, encoding: 'utf8' }).trim().split('\n').at(-1) ?? '';
  await cp(join(folder, name), tarball());
  execFileSync('tar', ['-xzf', tarball(), '-C', installed, '--strip-components', '1']);

  const { dependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
  const copied = Object.keys(dependencies).map((name) =>
    cp(join(root, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true }),
  );
  await Promise.all(copied);
  // A runner that is there twice refuses to run.
  await mkdir(join(folder, 'node_modules/@playwright'));
  await symlink(join(root, 'node_modules/@playwright/test'), join(folder, 'node_modules/@playwright/test'));
  return () => rm(folder, { recursive: true, force: true });
}
