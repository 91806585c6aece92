import { expect, test } from 'vitest';
import type { Version } from '../../src/core/version/siblings.ts';
import { batch, found, ready, strangers, versionOf, written } from './fixture.ts';
import { VersionsChecker } from './versions.ts';

/** The states that one node writes of a key, one after the other. */
function states(make: (world: ReturnType<typeof strangers>['world']) => readonly (readonly Version[])[]): string[] {
  const { world, hosts } = strangers(1);
  const checker = new VersionsChecker(world);
  for (const [at, versions] of make(world).entries()) {
    checker.stepped(hosts[0], { type: 'wake' }, ready({ writes: batch(at + 1, versions) }));
  }
  return found(world);
}

test('[S3] a version that nothing replaces must not be discarded', () => {
  const replaced = states((world) => {
    const first = written(world, 'ok');
    const second = written(world, 'ok', { seen: [first] });
    return [[versionOf(first, ['a.1', 1])], [versionOf(second, ['a.1', 2], [['a.1', 1]])]];
  });
  expect(replaced).toEqual([]);
  const discarded = states((world) => [
    [versionOf(written(world, 'ok'), ['a.1', 1])],
    [versionOf(written(world, 'ok'), ['b.1', 1])],
  ]);
  expect(discarded).toEqual(['S3']);
});

test('[S3] a version must not claim what its writer had not seen', () => {
  const claims = states((world) => {
    const [first, second] = [written(world, 'ok'), written(world, 'ok')];
    return [[versionOf(first, ['a.1', 1])], [versionOf(second, ['a.1', 2], [['a.1', 1]])]];
  });
  expect(claims).toEqual(['S3']);
});

test('[S5] a sibling must not lie beside what replaced it', () => {
  const beside = states((world) => {
    const first = written(world, 'ok');
    const second = written(world, 'ok', { seen: [first] });
    return [[versionOf(first, ['a.1', 1]), versionOf(second, ['a.1', 2], [['a.1', 1]])]];
  });
  expect(beside).toEqual(['S5']);
});
