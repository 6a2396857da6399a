import { join } from 'node:path';
import { CONTESTANTS } from '../../places.js';
import { Child } from '../../processes/child.js';

/** Where a peer listens. */
interface Address {
  readonly address: string;
  readonly port: number;
}

/** Starts a program of `peers/`, for the other end of connections. It ends with this process. */
export async function startPeer(name: string, options: object = {}): Promise<Address> {
  const args = [join(CONTESTANTS, 'peers', `${name}.js`), JSON.stringify(options)];
  const { port } = await new Child(process.execPath, args, { milliseconds: 0 }).answer<{ readonly port: number }>();
  return { address: '127.0.0.1', port };
}
