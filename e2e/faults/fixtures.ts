/** What the tests of faults have beside a server and tabs: browsers of their own, on profiles that go when the test does. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base } from '../fixtures.ts';
import { Device, type DeviceOptions } from './device.ts';

interface Fixtures {
  /** On a new profile, or on that of a browser that has ended. */
  startDevice: (profile?: string, options?: DeviceOptions) => Promise<Device>;
}

export const test = base.extend<Fixtures>({
  // The cluster is asked for so that its pages are closed after the devices' own.
  startDevice: async ({ cluster: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'tabring-devices-'));
    const devices: Device[] = [];
    await use(async (profile, options) => {
      const device = await Device.start(profile ?? (await mkdtemp(join(folder, 'profile-'))), options);
      devices.push(device);
      return device;
    });
    for (const device of devices) await device[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  },
});
