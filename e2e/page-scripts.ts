/** Scripts that run in a page before its own. Each is sent as text: it uses nothing from outside itself. */

declare global {
  /** What `keepLinks` offers. */
  var links: {
    readonly connections: RTCPeerConnection[];
    readonly channels: RTCDataChannel[];
    /** Ends every connection, as the browser does when it gives one up. */
    breakAll(): void;
  };
}

/** Keeps hold of every connection and data channel, so that a test can break one or send rubbish on it. */
export function keepLinks(): void {
  const connections: RTCPeerConnection[] = [];
  const channels: RTCDataChannel[] = [];
  const Native = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.push(this);
      this.addEventListener('datachannel', ({ channel }) => channels.push(channel));
    }
    override createDataChannel(label: string, options?: RTCDataChannelInit): RTCDataChannel {
      const channel = super.createDataChannel(label, options);
      channels.push(channel);
      return channel;
    }
  };
  globalThis.links = {
    connections,
    channels,
    breakAll() {
      for (const channel of channels) channel.close();
    },
  };
}
