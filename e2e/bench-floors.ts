/**
 * What no store can beat, measured in the very pages that it is measured in: the round trip of a small message
 * over a bare data channel, and the strict commit of one put per IndexedDB transaction.
 */
import type { Page } from '@playwright/test';
import './tab.ts';

declare global {
  /** What `connect` leaves in both pages. */
  var floor: { readonly connection: RTCPeerConnection; readonly channel: Promise<RTCDataChannel> };
}

/** Connects two pages with a data channel of their own; what arrives at the second one is sent back. */
export async function connect(near: Page, far: Page): Promise<void> {
  const offer = await near.evaluate(describe, undefined);
  const answer = await far.evaluate(describe, offer);
  await near.evaluate((answer) => floor.connection.setRemoteDescription(answer), answer);
  await Promise.all([near, far].map((page) => page.evaluate(async () => void (await floor.channel))));
}

/** In a page: opens a connection, or answers one, and waits until all its candidates are in the description. */
async function describe(offer: RTCSessionDescriptionInit | undefined): Promise<RTCSessionDescriptionInit> {
  const connection = new RTCPeerConnection({ iceServers: [] });
  const channel = new Promise<RTCDataChannel>((resolve) => {
    if (offer === undefined) {
      const mine = connection.createDataChannel('floor');
      mine.binaryType = 'arraybuffer';
      mine.addEventListener('open', () => resolve(mine));
    } else {
      connection.addEventListener('datachannel', ({ channel: theirs }) => {
        theirs.binaryType = 'arraybuffer';
        theirs.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => theirs.send(data));
        resolve(theirs);
      });
    }
  });
  globalThis.floor = { connection, channel };
  if (offer !== undefined) await connection.setRemoteDescription(offer);
  const gathered = new Promise<void>((resolve) => {
    connection.addEventListener('icecandidate', ({ candidate }) => candidate ?? resolve());
  });
  await connection.setLocalDescription();
  await gathered;
  const { type, sdp } = connection.localDescription ?? { type: 'rollback', sdp: '' };
  return { type, sdp };
}

/** Milliseconds of so many round trips, one after the other. */
export function roundTrips(page: Page, count: number, bytes: number): Promise<number[]> {
  return page.evaluate(
    async ([count, bytes]) => {
      const channel = await floor.channel;
      const message = new Uint8Array(bytes);
      const times: number[] = [];
      while (times.length < count) {
        const start = performance.now();
        const back = new Promise((resolve) => channel.addEventListener('message', resolve, { once: true }));
        channel.send(message);
        await back;
        times.push(performance.now() - start);
      }
      return times;
    },
    [count, bytes] as const,
  );
}

/** Milliseconds of so many commits, one after the other, in a database of the page's own. */
export function commits(page: Page, count: number, bytes: number): Promise<number[]> {
  return page.evaluate(
    async ([count, bytes]) => {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open(`floor-${tabring.view().self.id}`, 1);
        opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore('values'));
        opening.addEventListener('success', () => resolve(opening.result));
        opening.addEventListener('error', () => reject(opening.error));
      });
      const times: number[] = [];
      while (times.length < count) {
        const value = crypto.getRandomValues(new Uint8Array(bytes));
        const start = performance.now();
        const transaction = database.transaction('values', 'readwrite', { durability: 'strict' });
        const complete = new Promise((resolve, reject) => {
          transaction.addEventListener('complete', resolve);
          transaction.addEventListener('abort', () => reject(transaction.error));
        });
        transaction.objectStore('values').put(value, `${Math.random()}`);
        transaction.commit();
        await complete;
        times.push(performance.now() - start);
      }
      database.close();
      return times;
    },
    [count, bytes] as const,
  );
}
