import { expect, test } from 'vitest';
import { batch, found, strangers, versionOf, written } from './fixture.ts';
import { ValuesChecker } from './values.ts';

/** A host commits a version, with its value or without. */
function committed(withValue: boolean) {
  const { world, hosts } = strangers(1);
  const [host] = hosts;
  const whole = batch(1, [versionOf(written(world, 'ok'), ['a.1', 1])]);
  const write = withValue ? whole : { ...whole, writes: whole.writes.map((each) => ({ ...each, values: [] })) };
  host.disk.write(write, () => undefined);
  world.pass(1000);
  new ValuesChecker(world).committed(host, write);
  return found(world);
}

test('[STO-1] an entry that is committed without its values is found', () => {
  expect(committed(true)).toEqual([]);
  expect(committed(false)).toEqual(['STO-1']);
});
