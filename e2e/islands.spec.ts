/** Tabs that the introducer shows to each other, and that no network lets connect. */
import { expect } from '@playwright/test';
import { test } from './fixtures.ts';

/** As behind a network that lets only relays through, of which there is none. */
function onlyRelays(): void {
  const Native = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, iceTransportPolicy: 'relay' });
    }
  };
}

test('[NET-6] [PUT-4] two tabs that no link joins say so, and that a write is saved once', async ({ cluster }) => {
  const tabs = await cluster.open(2, { scripts: [onlyRelays] });
  for (const tab of tabs) {
    const { quorum, acks } = await tab.put('key', tab.id);
    expect({ quorum, acks }).toEqual({ quorum: 'under', acks: [tab.id] });
    expect((await tab.get('key')).quorum).toBe('under');
  }
  for (const tab of tabs) {
    await cluster.until(async () => {
      const alarm = (await tab.view()).alarms.find(({ code }) => code === 'no-links');
      expect(alarm?.message).toMatch(/Another tab is in this room.*NAT.*turn:/);
    }, 25_000);
    await expect(tab.page.getByTestId('health')).not.toHaveAttribute('data-level', 'good');
  }
});
