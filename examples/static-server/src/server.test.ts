import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createDriver } from 'polyring';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StaticServer } from './server.js';

const BIG = randomBytes(1_500_007);

const hasCurl = (() => {
  try {
    execFileSync('curl', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

interface Reply {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Asks by curl. */
async function curl(server: StaticServer, path: string, ...options: string[]): Promise<Reply> {
  const address = `http://127.0.0.1:${server.port}${path}`;
  const args = ['-sS', '-i', '--path-as-is', '--max-time', '60', ...options, address];
  const output = await new Promise<Buffer>((resolve, reject) => {
    execFile('curl', args, { encoding: 'buffer', maxBuffer: 1 << 26 }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
  const end = output.indexOf('\r\n\r\n');
  const [line = '', ...lines] = output.toString('latin1', 0, end).split('\r\n');
  const headers = new Map(lines.map((each) => each.toLowerCase().split(': ', 2) as [string, string]));
  return { status: Number(line.split(' ')[1]), headers, body: output.subarray(end + 4) };
}

/** Sends bytes as they are, and collects the answer. */
function raw(server: StaticServer, head: string): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  socket.write(head);
  return text(socket);
}

function makeRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'polyring-static-'));
  mkdirSync(join(root, 'folder/with index'), { recursive: true });
  writeFileSync(join(root, 'page.html'), '<p>hello</p>');
  writeFileSync(join(root, 'big.bin'), BIG);
  writeFileSync(join(root, 'empty'), '');
  writeFileSync(join(root, 'folder/a & <b>.txt'), 'text');
  writeFileSync(join(root, 'folder/with index/index.html'), 'index');
  symlinkSync('/etc', join(root, 'etc'));
  symlinkSync('page.html', join(root, 'link.html'));
  execFileSync('mkfifo', [join(root, 'fifo')]);
  return root;
}

for (const backend of ['auto', 'epoll']) {
  const test = suite<{ server: StaticServer; root: string; end: () => Promise<void> }>(`static-server on ${backend}`);
  // curl is Debian's package of that name; without it only the raw requests are made.
  const withCurl = hasCurl ? test : test.skip;

  test.before(async (context) => {
    const { driver } = await createDriver({ backend });
    context.root = makeRoot();
    const server = new StaticServer(driver, { host: '127.0.0.1', port: 0, root: context.root });
    const running = server.run();
    context.server = server;
    context.end = async () => {
      await server[Symbol.asyncDispose]();
      await running;
      await driver.close();
      rmSync(context.root, { recursive: true });
    };
  });
  test.after(({ end }) => end());

  withCurl('serves files of every size, by their types, and HEAD without the bytes', async ({ server, root }) => {
    const page = await curl(server, '/page.html');
    assert.is(page.status, 200);
    assert.is(page.headers.get('content-type'), 'text/html');
    assert.is(page.body.toString(), '<p>hello</p>');
    assert.is(page.headers.get('last-modified'), statSync(join(root, 'page.html')).mtime.toUTCString().toLowerCase());
    const big = await curl(server, '/big.bin?version=1');
    assert.is(big.headers.get('content-type'), 'application/octet-stream');
    assert.ok(big.body.equals(BIG));
    assert.is((await curl(server, '/empty')).body.length, 0);
    const head = await curl(server, '/big.bin', '--head');
    assert.is(head.headers.get('content-length'), String(BIG.length));
    assert.is(head.body.length, 0);
    assert.is((await curl(server, '/link.html')).status, 200);
  });

  withCurl('serves parts, and says where there is none', async ({ server }) => {
    const middle = await curl(server, '/big.bin', '-r', '1000-999999');
    assert.is(middle.status, 206);
    assert.is(middle.headers.get('content-range'), `bytes 1000-999999/${BIG.length}`);
    assert.ok(middle.body.equals(BIG.subarray(1000, 1_000_000)));
    const tail = await curl(server, '/big.bin', '-r', '-5');
    assert.ok(tail.body.equals(BIG.subarray(-5)));
    const behind = await curl(server, '/big.bin', '-r', `${BIG.length}-`);
    assert.is(behind.status, 416);
    assert.is(behind.headers.get('content-range'), `bytes */${BIG.length}`);
    const changed = await curl(server, '/big.bin', '-r', '0-1', '-H', 'If-Range: Thu, 01 Jan 1970 00:00:00 GMT');
    assert.is(changed.status, 200);
  });

  withCurl('a file that has not changed is not sent again', async ({ server, root }) => {
    const { mtime } = statSync(join(root, 'page.html'));
    const since = (date: Date) => curl(server, '/page.html', '-H', `If-Modified-Since: ${date.toUTCString()}`);
    assert.is((await since(mtime)).status, 304);
    assert.is((await since(new Date(mtime.getTime() - 5000))).status, 200);
    assert.is((await curl(server, '/page.html', '-H', 'If-Modified-Since: never')).status, 200);
  });

  withCurl('lists directories, and serves an index in place of a list', async ({ server }) => {
    const list = await curl(server, '/folder/');
    assert.is(list.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(list.body.toString(), '<a href="./a%20%26%20%3Cb%3E.txt">a &#38; &#60;b&#62;.txt</a>');
    assert.match(list.body.toString(), 'with index/');
    const links = (await curl(server, '/')).body.toString().match(/(?<=href="\.\/)[^"]+/g);
    assert.ok(links?.includes('link.html') && links.includes('folder/'));
    assert.not.ok(links?.includes('etc') || links?.includes('etc/'), 'a link out of the root is not told of');
    const moved = await curl(server, '/folder/with%20index');
    assert.is(moved.status, 301);
    assert.is(moved.headers.get('location'), '/folder/with%20index/');
    assert.is((await curl(server, '/folder/with%20index/')).body.toString(), 'index');
  });

  withCurl('what is not there, and what is none of a client’s business, is refused', async ({ server }) => {
    const statuses: [path: string, status: number][] = [
      ['/none', 404],
      ['/page.html/', 404],
      ['/page.html/below', 404],
      [`/${'n'.repeat(300)}`, 404],
      ['/../../etc/passwd', 403],
      ['/%2e%2e/%2e%2e/etc/passwd', 403],
      ['/..%2f..%2fetc/passwd', 403],
      ['/etc/passwd', 403],
      ['/etc/', 403],
      ['/fifo', 403],
      ['/a%00b', 400],
      ['/%zz', 400],
    ];
    for (const [path, status] of statuses) assert.is((await curl(server, path)).status, status, path);
    const post = await curl(server, '/page.html', '-d', 'x'.repeat(100_000));
    assert.is(post.status, 405);
    assert.is(post.headers.get('allow'), 'get, head');
  });

  withCurl('many clients at a time are served, one that leaves in the middle is no harm', async ({ server }) => {
    const leaving = connect(server.port, '127.0.0.1');
    leaving.write('GET /big.bin HTTP/1.0\r\n\r\n');
    await new Promise((resolve) => leaving.once('data', resolve));
    leaving.destroy();
    const replies = await Promise.all(Array.from({ length: 12 }, () => curl(server, '/big.bin')));
    assert.ok(replies.every(({ body }) => body.equals(BIG)));
  });

  test('what is no request is answered so, and nothing is left open', async ({ server }) => {
    assert.match(await raw(server, 'NONSENSE\r\n\r\n'), /^HTTP\/1.0 400 Bad Request\r\n/);
    assert.match(await raw(server, `GET / HTTP/1.0\r\nX: ${'x'.repeat(20_000)}`), /^HTTP\/1.0 431 /);
    assert.match(await raw(server, 'GET /page.html HTTP/1.1\r\nHost: x\r\n\r\n'), /hello/);
    const quiet = async (): Promise<number> => {
      while (server.connections > 0) await new Promise(setImmediate);
      return readdirSync('/proc/self/fd').length;
    };
    const before = await quiet();
    for (let index = 0; index < 20; index += 1) await raw(server, 'GET /big.bin HTTP/1.0\r\n\r\n');
    await raw(server, 'GET /none HTTP/1.0\r\n\r\n');
    assert.is(await quiet(), before);
  });

  test('what has the name of an index and is no file is listed', async ({ server, root }) => {
    for (const [folder, make] of [
      ['of a folder', (path: string) => mkdirSync(path)],
      ['of a fifo', (path: string) => execFileSync('mkfifo', [path])],
    ] as const) {
      mkdirSync(join(root, folder));
      make(join(root, folder, 'index.html'));
      const answered = await raw(server, `GET /${encodeURIComponent(folder)}/ HTTP/1.0\r\n\r\n`);
      assert.match(answered, /^HTTP\/1\.0 200 OK\r\n/);
      assert.match(answered, `/${folder}/`);
    }
  });

  test('an index that cannot be opened is answered so, each time', async ({ server, root }) => {
    const folder = join(root, 'folder/with socket');
    mkdirSync(folder);
    const index = createServer().listen(join(folder, 'index.html'));
    await once(index, 'listening');
    for (let round = 0; round < 20; round += 1) {
      const requests = Array.from({ length: 20 }, () => raw(server, 'GET /folder/with%20socket/ HTTP/1.0\r\n\r\n'));
      for (const answer of await Promise.all(requests)) assert.match(answer, /^HTTP\/1.0 403 /);
    }
    index.close();
    rmSync(folder, { recursive: true });
  });

  test('it is disposed of, and drops all that is open, though a client has reset its connection', async ({ root }) => {
    const { driver } = await createDriver({ backend });
    const server = new StaticServer(driver, { host: '127.0.0.1', port: 0, root });
    const running = server.run();
    const leaving = connect(server.port, '127.0.0.1');
    await once(leaving, 'connect');
    const staying = connect(server.port, '127.0.0.1').resume();
    while (server.connections < 2) await new Promise(setImmediate);
    // Over loopback the server's kernel knows of it at once, and the server does not.
    leaving.resetAndDestroy();
    await server[Symbol.asyncDispose]();
    assert.is(server.connections, 0);
    await Promise.all([running, once(staying, 'close')]);
    await driver.close();
  });

  test.run();
}
