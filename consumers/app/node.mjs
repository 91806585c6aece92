import { json, openStore } from 'tabring';
import { MemoryHub, MemoryStorage } from 'tabring/testing';

const hub = new MemoryHub();
const open = () =>
  openStore({
    room: 'kitchen',
    signaling: 'ws://127.0.0.1:7420', // not used
    codec: json(),
    ports: { transport: hub.transport(), storage: new MemoryStorage() },
  });

const [one, other] = [await open(), await open()]; // one hub is one room
await one.put('list', ['tea']);
const { values, quorum } = await other.get('list');
console.log(values, quorum); // [ [ 'tea' ] ] met
await Promise.all([one.close(), other.close()]);
