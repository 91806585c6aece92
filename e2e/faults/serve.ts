/** Serves page and introductions from a process of its own, which may be in another network: folder, host, port. */
import { startServer } from '../../signaling-server/server.ts';

const [dist = '', host = '', port = ''] = process.argv.slice(2);
const { url } = await startServer({ dist, host, port: Number(port) });
console.log(url);
