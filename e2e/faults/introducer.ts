/**
 * What stands between the pages of a test and their introducer ([SIG-1]). It passes everything on, takes
 * everything and says nothing, or lies: presents nodes that are not there and instances that never were, takes
 * leave in the name of others, and mixes up and repeats what it should relay.
 */
import type { Page, WebSocketRoute } from '@playwright/test';

type Manner = 'honest' | 'grey' | 'lying';

/** In a message of the server, a name as it should be. */
interface Name {
  readonly id: string;
  readonly instance: string;
}

export class Introducer {
  /** What it has said that was not true. */
  lies = 0;
  #manner: Manner = 'honest';
  #sockets: WebSocketRoute[] = [];

  /** Before the page is sent anywhere. */
  readonly stand = async (page: Page): Promise<void> => {
    await page.routeWebSocket(/./, (socket) => this.#take(socket));
  };

  /** All connections end; those made from now on are treated in this manner. */
  async become(manner: Manner): Promise<void> {
    this.#manner = manner;
    const sockets = this.#sockets;
    this.#sockets = [];
    await Promise.all(sockets.map((socket) => socket.close({ code: 1012, reason: 'restart' })));
  }

  #take(socket: WebSocketRoute): void {
    this.#sockets.push(socket);
    if (this.#manner === 'grey') return;
    const server = socket.connectToServer();
    if (this.#manner === 'lying') server.onMessage((text) => this.#lie(socket, String(text)));
  }

  #lie(socket: WebSocketRoute, text: string): void {
    const say = (message: object | string): void => {
      this.lies++;
      socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    };
    const message: { type: string; peers?: Name[]; peer?: Name; from?: Name; payload?: object } = JSON.parse(text);
    const ghost = { id: 'ghostghostgh', instance: 'none' };
    switch (message.type) {
      case 'welcome': {
        const peers = message.peers ?? [];
        say({ type: 'welcome', peers: [...peers.map(({ id }, at) => ({ id, instance: `never-${at}` })), ghost] });
        for (const peer of peers) say({ type: 'left', peer });
        for (const nonsense of ['', 'null', '[1]', '{"type":"welcome"}', '{"__proto__":1}']) say(nonsense);
        return;
      }
      case 'signal':
        say({ ...message, from: ghost });
        say({ ...message, payload: { ...message.payload, data: '[{"type":"offer","sdp":"v=0"}]' } });
        say({ ...message, payload: { ...message.payload, attempt: '9007199254740991' } });
        return;
      default:
        say({ ...message, type: message.type === 'joined' ? 'left' : 'joined' });
    }
  }
}
