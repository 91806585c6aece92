/** Scripts that run in a page before its own. Each is sent as text: it uses nothing from outside itself. */

/** What becomes of the frames of a link, in one direction. */
export interface LinkFault {
  /** Share of the frames that never leave, and of those that leave twice. */
  readonly lost?: number;
  readonly repeated?: number;
  /** Each frame waits up to so long; their order stays. */
  readonly delayMs?: number;
}

declare global {
  /** What `keepLinks` offers. */
  var links: {
    /** Names this page load to the far ends of its connections. */
    readonly mark: string;
    readonly connections: RTCPeerConnection[];
    readonly channels: RTCDataChannel[];
    /** Frames that a fault has touched. */
    readonly touched: { lost: number; repeated: number; delayed: number };
    /** How frames to the page of this mark fare from now on, over every connection to it. */
    setFault(mark: string, fault: LinkFault): void;
    /** Ends every connection, as the browser does when it gives one up. */
    breakAll(): void;
  };
}

/**
 * Keeps hold of every connection and data channel, so that a test can break one, send rubbish on it, or lose
 * what its owner sends. Each description carries the mark of its page, for the other side to know whom it talks to.
 */
export function keepLinks(): void {
  const mark = crypto.getRandomValues(new Uint32Array(2)).join('-');
  const connections: RTCPeerConnection[] = [];
  const channels: RTCDataChannel[] = [];
  const touched = { lost: 0, repeated: 0, delayed: 0 };
  const faults = new Map<string, LinkFault>();
  const farEnds = new WeakMap<RTCPeerConnection, string>();
  const ways = new WeakMap<RTCDataChannel, { connection: RTCPeerConnection; waiting: number; last: Promise<void> }>();

  const Native = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.push(this);
      this.addEventListener('datachannel', ({ channel }) => this.keep(channel));
    }
    keep(channel: RTCDataChannel): RTCDataChannel {
      channels.push(channel);
      ways.set(channel, { connection: this, waiting: 0, last: Promise.resolve() });
      return channel;
    }
    override createDataChannel(label: string, options?: RTCDataChannelInit): RTCDataChannel {
      return this.keep(super.createDataChannel(label, options));
    }
    override get localDescription(): RTCSessionDescription | null {
      const own = super.localDescription;
      return own && new RTCSessionDescription({ type: own.type, sdp: `${own.sdp}a=x-page:${mark}\r\n` });
    }
    override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
      const [, farEnd] = /a=x-page:(\S+)/.exec(description.sdp ?? '') ?? [];
      if (farEnd !== undefined) farEnds.set(this, farEnd);
      return super.setRemoteDescription(description);
    }
  };

  RTCDataChannel.prototype.send = new Proxy(RTCDataChannel.prototype.send, {
    apply(send, channel: RTCDataChannel, data) {
      const way = ways.get(channel);
      const { lost = 0, repeated = 0, delayMs = 0 } = faults.get(way ? (farEnds.get(way.connection) ?? '') : '') ?? {};
      if (Math.random() < lost) return void touched.lost++;
      const isTwice = Math.random() < repeated;
      if (isTwice) touched.repeated++;
      const copies = isTwice ? [data, data] : [data];
      // What comes after the delay has ended still comes after what it had held up.
      if (way === undefined || (delayMs === 0 && way.waiting === 0)) {
        for (const copy of copies) Reflect.apply(send, channel, copy);
        return;
      }
      touched.delayed++;
      way.waiting++;
      const late = new Promise((resolve) => setTimeout(resolve, Math.random() * delayMs));
      way.last = Promise.all([way.last, late]).then(() => {
        way.waiting--;
        if (channel.readyState === 'open') for (const copy of copies) Reflect.apply(send, channel, copy);
      });
    },
  });

  globalThis.links = {
    mark,
    connections,
    channels,
    touched,
    setFault: (to, fault) => faults.set(to, fault),
    breakAll() {
      for (const channel of channels) channel.close();
    },
  };
}
