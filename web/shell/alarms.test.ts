import { expect, test } from 'vitest';
import { nameMembers } from '../animals.ts';
import { FixtureStore } from '../fixtures/fixture-store.ts';
import { newAlarms } from './alarms.ts';

const message =
  '7 writes are kept here for nodes that have been away for long (fixturebbbbb, fixtureccccc): open their tabs.';
const store = new FixtureStore({
  members: [{ status: 'up' }, { status: 'unreachable' }, { status: 'unreachable' }],
  alarms: [{ code: 'hints-old', message }],
});
const view = store.view();
const names = nameMembers(view.members);

const away = `${names('fixturebbbbb').name}, ${names('fixtureccccc').name}`;

test('[MON-1] an alarm is read out once, with names in place of ids', () => {
  expect(newAlarms({ view, names }, new Set())).toEqual([
    `Alarm: Writes wait for nodes that are away. 7 writes are kept here for nodes that have been away for long (${away}): open their tabs.`,
  ]);
  expect(newAlarms({ view, names }, new Set(['hints-old']))).toEqual([]);
});
