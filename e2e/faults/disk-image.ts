/**
 * A disk that can lose its power: an ext4 file system in a file. What programs have written and not made durable
 * is in the memory of the mounted file system; the file has what has reached the device. Invariant: a copy is the
 * device at one moment, since none of its blocks were written while it was made.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const imageBytes = 256 * 1024 * 1024;
const attempts = 50;

export class DiskImage {
  /** Where it is mounted. */
  readonly folder: string;
  readonly #file: string;
  readonly #device: string;

  private constructor(folder: string, file: string, device: string) {
    this.folder = folder;
    this.#file = file;
    this.#device = device;
  }

  /** Why there can be none on this machine; undefined if there can. */
  static async unavailable(): Promise<string | undefined> {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'mounting a disk image takes root on Linux';
    const folder = await mkdtemp(join(tmpdir(), 'tabring-disk-'));
    try {
      await (await DiskImage.create(folder)).unmount();
      return undefined;
    } catch (error) {
      return `no disk image can be mounted: ${String(error)}`;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** An empty one, in this folder. */
  static async create(folder: string): Promise<DiskImage> {
    const file = join(folder, 'disk');
    const handle = await open(file, 'w');
    await handle.truncate(imageBytes);
    await handle.close();
    // What is initialised later would be written to the device while it is in use.
    await run('mkfs.ext4', ['-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', file]);
    return DiskImage.#mount(file, join(folder, 'mounted'));
  }

  /** Replays the journal, as after a loss of power. */
  static async #mount(file: string, folder: string): Promise<DiskImage> {
    await mkdir(folder);
    const { stdout } = await run('losetup', ['--find', '--show', file]);
    const device = stdout.trim();
    try {
      await run('mount', [device, folder]);
    } catch (error) {
      await run('losetup', ['--detach', device]);
      throw error;
    }
    return new DiskImage(folder, file, device);
  }

  /** The disk as it would be if the power failed now; to be mounted. The folder is new. */
  async afterPowerCut(folder: string): Promise<() => Promise<DiskImage>> {
    await mkdir(folder);
    const file = join(folder, 'disk');
    for (let attempt = 0; attempt < attempts; attempt++) {
      const before = await this.#writes();
      await run('cp', ['--sparse=always', this.#file, file]);
      if (before !== undefined && before === (await this.#writes())) {
        return () => DiskImage.#mount(file, join(folder, 'mounted'));
      }
    }
    throw new Error('the device was written to all the time');
  }

  /** How many writes the device has completed; undefined while one is under way. */
  async #writes(): Promise<string | undefined> {
    const fields = (await readFile(`/sys/block/${basename(this.#device)}/stat`, 'utf8')).trim().split(/\s+/);
    return fields[8] === '0' ? fields[4] : undefined;
  }

  /** Once nothing has files open on it. */
  async unmount(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await run('umount', [this.folder]);
        break;
      } catch (error) {
        // Processes that were killed take a moment to go.
        if (attempt === attempts) throw error;
        await pause(100);
      }
    }
    await run('losetup', ['--detach', this.#device]);
  }
}
