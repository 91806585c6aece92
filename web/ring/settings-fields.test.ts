import { describe, expect, test } from 'vitest';
import { FixtureStore } from '../fixtures/fixture-store.ts';
import { allFields, changeOf, type Draft, settingOf, shownAs } from './settings-fields.ts';

const { config } = new FixtureStore({ members: [{ status: 'up' }] }).view().ring;

describe('the settings', () => {
  test('are all that the store can change, each once', () => {
    const { version: _, ...settings } = config;
    expect(allFields.map(({ name }) => name).toSorted()).toEqual(Object.keys(settings).toSorted());
  });

  test('typed as they are shown change nothing', () => {
    const draft: Draft = new Map(allFields.map((field) => [field.name, shownAs(field, config[field.name])]));
    expect(changeOf(draft, config)).toEqual({});
  });

  test('change only where they differ, times in milliseconds; what is no number is left to the store', () => {
    const draft: Draft = new Map([
      ['n', { text: '4', unit: 'ms' }],
      ['w', { text: '2', unit: 'ms' }],
      ['r', { text: '', unit: 'ms' }],
      ['tombstoneMs', { text: '1.5', unit: 'h' }],
    ]);
    expect(changeOf(draft, config)).toEqual({ n: 4, r: Number.NaN, tombstoneMs: 5_400_000 });
  });

  test('a refusal is shown beside the setting that it names', () => {
    const refusal = new RangeError('configure: reapMemoryMs must be from 1000 to 315576000000 ms, not 5');
    expect(settingOf(refusal)).toBe('reapMemoryMs');
    expect(settingOf(new RangeError('configure: else must be 1'))).toBeUndefined();
    expect(settingOf(new Error('configure: n is closed'))).toBeUndefined();
  });
});
