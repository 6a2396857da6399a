import { lookup } from 'mrmime';
import type { Driver, FileStats, PolledFile, PolledSocket } from 'polyring';
import { directoryPage } from './files/directory-page.js';
import { requestPath } from './files/request-path.js';
import type { Root } from './files/root.js';
import { type SendOptions, sendFile } from './files/send-file.js';
import { HttpError } from './http/http-error.js';
import { parseRange } from './http/range.js';
import type { Request } from './http/request.js';
import { responseHead } from './http/response.js';

/** What an answer was. */
export interface Answer {
  readonly status: number;
  /** Bytes of the body that were sent. */
  readonly bytes: number;
}

/** What is needed to answer. */
export interface Answering extends SendOptions {
  readonly driver: Driver;
  readonly root: Root;
  readonly socket: PolledSocket;
}

/** Answers one request. */
export async function answer(context: Answering, request: Request): Promise<Answer> {
  const { method, target } = request;
  if (method !== 'GET' && method !== 'HEAD') throw new HttpError(405, { Allow: 'GET, HEAD' });
  const { names, slash } = requestPath(target);
  await using file = await context.root.open(names);
  const stats = await file.stat();
  if (stats.isFile()) {
    if (slash) throw new HttpError(404);
    return await answerFile(context, request, file, stats, names.at(-1) ?? '');
  }
  if (!stats.isDirectory()) throw new HttpError(403);
  if (!slash)
    throw new HttpError(301, { Location: `/${names.map((name) => `${encodeURIComponent(name)}/`).join('')}` });
  return await answerDirectory(context, request, file, names);
}

/** Answers with an error, and a page that says so. */
export async function answerError(
  { socket, timeout }: Answering,
  error: HttpError,
  bodyless: boolean,
): Promise<Answer> {
  const body = Buffer.from(
    `<!doctype html>\n<title>${error.status}</title>\n<h1>${error.status} ${error.message}</h1>\n`,
  );
  const headers = { ...error.headers, 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': body.length };
  const head = responseHead(error.status, headers);
  await socket.writeAll(bodyless ? head : Buffer.concat([head, body]), { timeout });
  return { status: error.status, bytes: bodyless ? 0 : body.length };
}

async function answerFile(
  context: Answering,
  { method, headers }: Request,
  file: PolledFile,
  stats: FileStats,
  name: string,
): Promise<Answer> {
  const { driver, socket, timeout } = context;
  const { size, mtime } = stats;
  const modified = mtime.toUTCString();
  const since = Date.parse(headers.get('if-modified-since') ?? '');
  if (Math.floor(mtime.getTime() / 1000) * 1000 <= since) {
    await socket.writeAll(responseHead(304, { 'Last-Modified': modified }), { timeout });
    return { status: 304, bytes: 0 };
  }
  const sameFile = (headers.get('if-range') ?? modified) === modified;
  const range = method === 'GET' && sameFile ? parseRange(headers.get('range'), size) : undefined;
  if (range === 'unsatisfiable') throw new HttpError(416, { 'Content-Range': `bytes */${size}` });
  const { start, end } = range ?? { start: 0, end: size };
  const status = range === undefined ? 200 : 206;
  const head = responseHead(status, {
    'Content-Type': lookup(name) ?? 'application/octet-stream',
    'Content-Length': end - start,
    'Last-Modified': modified,
    'Accept-Ranges': 'bytes',
    ...(range === undefined ? {} : { 'Content-Range': `bytes ${start}-${end - 1}/${size}` }),
  });
  await socket.writeAll(head, { timeout });
  const bytes = method === 'HEAD' ? 0 : await sendFile(driver, file, socket, { start, end }, { timeout });
  return { status, bytes };
}

async function answerDirectory(
  context: Answering,
  request: Request,
  directory: PolledFile,
  names: readonly string[],
): Promise<Answer> {
  const { root, socket, timeout } = context;
  await using index = await root.open([...names, 'index.html']).catch((error) => {
    if (error instanceof HttpError && error.status === 404) return undefined;
    throw error;
  });
  const stats = await index?.stat();
  // What is no file, a directory of that name for instance, is listed like anything else.
  if (index !== undefined && stats?.isFile() === true) {
    return await answerFile(context, request, index, stats, 'index.html');
  }
  const body = Buffer.from(await directoryPage(root, directory, names));
  const head = responseHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': body.length });
  await socket.writeAll(request.method === 'HEAD' ? head : Buffer.concat([head, body]), { timeout });
  return { status: 200, bytes: request.method === 'HEAD' ? 0 : body.length };
}
