/** The application of all consumers that are pages: it opens a store in the room that its address names. */
import { json, openStore } from 'tabring';

const { hash, href } = location;
globalThis.tabring = await openStore({
  room: hash.slice(1),
  signaling: new URL('/', href.replace('http', 'ws')),
  codec: json(),
});
