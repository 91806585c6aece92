/** A page script with which a test breaks the databases of its page, below the store. */

declare global {
  var disks: {
    /** Ends every open database, as a browser does that has lost its files. */
    close(): void;
    /** From now on every write transaction fails when it is committed, or again none. */
    refuse(refuses: boolean): void;
    /** Takes the values of every second key from the disk, and leaves what is known of them. Returns how many. */
    rot(): Promise<number>;
    /** Write transactions that were made to fail. */
    failed: number;
  };
}

export function breakableDisks(): void {
  const open = new Set<IDBDatabase>();
  let refusing = false;
  const { open: nativeOpen } = IDBFactory.prototype;
  IDBFactory.prototype.open = function (name, version) {
    const request = nativeOpen.call(this, name, version);
    request.addEventListener('success', () => open.add(request.result));
    return request;
  };
  const { commit } = IDBTransaction.prototype;
  IDBTransaction.prototype.commit = function () {
    if (!refusing) return commit.call(this);
    disks.failed++;
    this.abort();
  };

  const done = (transaction: IDBTransaction): Promise<void> =>
    new Promise((resolve, reject) => {
      transaction.addEventListener('complete', () => resolve());
      transaction.addEventListener('abort', () => reject(transaction.error));
    });
  globalThis.disks = {
    failed: 0,
    close() {
      for (const database of open) database.close();
      open.clear();
    },
    refuse(refuses) {
      refusing = refuses;
    },
    async rot() {
      let taken = 0;
      for (const database of open) {
        const transaction = database.transaction('values', 'readwrite');
        const values = transaction.objectStore('values');
        const keys = values.getAllKeys();
        keys.addEventListener('success', () => {
          for (const [at, key] of keys.result.entries()) {
            if (at % 2 === 1) continue;
            values.delete(key);
            taken++;
          }
        });
        await done(transaction);
      }
      return taken;
    },
  };
}
