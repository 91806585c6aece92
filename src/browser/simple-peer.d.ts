/** What the transport uses of simple-peer 9; the bundled build is the one that runs without Node's globals. */
declare module 'simple-peer/simplepeer.min.js' {
  interface PeerOptions {
    readonly initiator: boolean;
    readonly trickle: boolean;
    readonly config?: RTCConfiguration;
    readonly channelConfig?: RTCDataChannelInit;
  }

  interface PeerEvents {
    signal: (signal: unknown) => void;
    connect: () => void;
    /** Text comes as its bytes, and what is empty not at all. */
    data: (data: Uint8Array) => void;
    close: () => void;
    error: (error: Error) => void;
  }

  export default class Peer {
    constructor(options: PeerOptions);
    on<K extends keyof PeerEvents>(event: K, listener: PeerEvents[K]): this;
    /** Throws on `null` and after destruction. */
    signal(signal: object): void;
    /** Throws when the channel is not open, and when 16 MiB are queued. */
    send(data: Uint8Array): void;
    destroy(): void;
    readonly destroyed: boolean;
    /** The channel, once there is one: the only way to learn that its buffer has drained. */
    readonly _channel: RTCDataChannel | null;
  }
}
