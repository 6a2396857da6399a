import { endWithInput, sayReady } from './shared/serve.js';

// An echo server on Deno's own sockets.

/** As much of Deno as is used. */
interface DenoConnection {
  read(bytes: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  setNoDelay(on: boolean): void;
}
interface Deno {
  listen(options: { hostname: string; port: number }): AsyncIterable<DenoConnection> & {
    readonly addr: { readonly port: number };
  };
}

const { Deno } = globalThis as unknown as { Deno: Deno };

async function echo(connection: DenoConnection): Promise<void> {
  connection.setNoDelay(true);
  const bytes = new Uint8Array(4096);
  for (;;) {
    const length = await connection.read(bytes);
    if (length === null) return;
    await connection.write(bytes.subarray(0, length));
  }
}

const listener = Deno.listen({ hostname: '127.0.0.1', port: 0 });
sayReady({ port: listener.addr.port });
endWithInput();
for await (const connection of listener) echo(connection).catch(() => {});
