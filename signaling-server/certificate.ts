/**
 * `--https`, of `npm start` and `npm run dev`: by plain http a browser keeps Web Locks, and more, from the pages of
 * another host. Nobody has signed the certificate, so a browser warns once; a page that was let through counts as secure.
 */
import { fileURLToPath } from 'node:url';
import { getCertificate } from '@vitejs/plugin-basic-ssl';

/** Both in PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Kept until it expires, after 30 days: who was let through once is not warned again at the next start. */
const folder = fileURLToPath(new URL('../node_modules/.vite/basic-ssl', import.meta.url));

/** Undefined if it is not asked for. */
export async function certificateIfAsked(args: readonly string[]): Promise<Certificate | undefined> {
  if (!args.includes('--https')) return undefined;
  const pem = await getCertificate(folder, 'Tabring');
  return { key: pem, cert: pem };
}
