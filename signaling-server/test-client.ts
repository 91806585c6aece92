/** A raw client for the tests: it can say anything, and waits for what it is to hear. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type ClientMessage, parseServerMessage, type ServerMessage } from '../src/signaling/protocol.ts';

export class TestClient {
  readonly socket: WebSocket;
  readonly #heard: ServerMessage[] = [];
  #listener: (() => void) | undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('message', (data) => {
      const message = parseServerMessage(String(data));
      if (message === undefined) throw new Error(`not a message of the server: ${String(data)}`);
      this.#heard.push(message);
      this.#listener?.();
    });
    socket.on('close', () => this.#listener?.());
  }

  /** Resolves when the socket is open, rejects with the status if the upgrade was refused. */
  static async open(url: string, headers: Record<string, string> = { Origin: url }): Promise<TestClient> {
    // What was made on the spot nobody has signed.
    const client = new TestClient(new WebSocket(url.replace('http', 'ws'), { headers, rejectUnauthorized: false }));
    await new Promise<void>((resolve, reject) => {
      client.socket.once('open', resolve);
      client.socket.once('error', reject);
    });
    return client;
  }

  static async join(url: string, room: string, id: string, instance = 'one'): Promise<TestClient> {
    const client = await TestClient.open(url);
    client.say({ type: 'join', room, id, instance });
    return client;
  }

  say(message: ClientMessage): void {
    this.raw(JSON.stringify(message));
  }

  raw(frame: string | Buffer): void {
    this.socket.send(frame);
  }

  /** The next message; rejects if the socket closes first. */
  async hear(): Promise<ServerMessage> {
    while (this.#heard.length === 0) {
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('closed while waiting for a message');
      await new Promise<void>((resolve) => {
        this.#listener = resolve;
      });
    }
    const message = this.#heard.shift();
    if (message === undefined) throw new Error('nothing heard');
    return message;
  }

  /** How many messages have come that were not asked for. */
  get unheard(): number {
    return this.#heard.length;
  }

  /** The code with which the socket was closed. */
  async closed(): Promise<number> {
    const [code] = await once(this.socket, 'close');
    return code;
  }
}
