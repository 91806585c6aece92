/** The command behind `npm start`: reads the environment and `--https`, serves, prints one line, and ends cleanly. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { certificateIfAsked } from './certificate.ts';
import { limitsFromEnvironment } from './limits.ts';
import { originsFromEnvironment } from './origins.ts';
import { type RunningServer, type ServerOptions, startServer } from './server.ts';

const standardPort = 7420;
const portsTried = 20;

function optionsFromEnvironment(environment: NodeJS.ProcessEnv): ServerOptions {
  const dist = fileURLToPath(new URL('../dist', import.meta.url));
  if (!existsSync(`${dist}/index.html`)) throw new Error('the page is not built: run "npm run build" first');
  return {
    host: environment.HOST || '127.0.0.1',
    limits: limitsFromEnvironment(environment),
    ...originsFromEnvironment(environment),
    dist,
  };
}

/** The port asked for, or else the first free one from the standard port on. */
async function start(environment: NodeJS.ProcessEnv): Promise<RunningServer> {
  const certificate = await certificateIfAsked(process.argv);
  const options = { ...optionsFromEnvironment(environment), certificate };
  if (environment.PORT) {
    const port = Number(environment.PORT);
    if (!/^\d+$/.test(environment.PORT) || port > 65_535) throw new RangeError('PORT must be a number from 0 to 65535');
    return startServer({ ...options, port });
  }
  for (let port = standardPort; port < standardPort + portsTried; port += 1) {
    try {
      return await startServer({ ...options, port });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    }
  }
  throw new Error(`no free port from ${standardPort} to ${standardPort + portsTried - 1}: set PORT`);
}

try {
  const server = await start(process.env);
  console.log(`Tabring is at ${server.url}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => server.close().then(() => process.exit(0)));
  }
} catch (error) {
  console.error(`Tabring did not start: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
