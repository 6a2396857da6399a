import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, release, totalmem } from 'node:os';
import { ROOT } from '../places.js';
import { runtimeVersions } from '../processes/runtimes.js';
import { fioVersion } from '../rivals/fio.js';

/** On what a run was made. */
export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly architecture: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly distribution: string;
  /** Of the last minute before the run. */
  readonly load: number;
  readonly commit: string;
  /** Of the runtimes and tools that were there. */
  readonly versions: Readonly<Record<string, string>>;
}

/** This machine, as it is now. */
export function thisMachine(): Machine {
  const [processor] = cpus();
  return {
    processor: processor?.model.trim() ?? 'unknown',
    processors: cpus().length,
    architecture: arch(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    distribution: distribution(),
    load: loadavg()[0] as number,
    commit: commit(),
    versions: { ...runtimeVersions(), ...known('fio', fioVersion()), ...known('cc', compilerVersion()) },
  };
}

function known(name: string, version: string | undefined): Record<string, string> {
  return version === undefined ? {} : { [name]: version };
}

function distribution(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8').match(/^PRETTY_NAME="?([^"\n]*)/m)?.[1] ?? 'Linux';
  } catch {
    return 'Linux';
  }
}

function compilerVersion(): string | undefined {
  const { status, stdout } = spawnSync(process.env.CC ?? 'cc', ['-dumpfullversion'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** The commit that is checked out; with `+` if files were changed since. */
function commit(): string {
  const git = (...args: string[]): string | undefined => {
    const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
    return status === 0 ? stdout.trim() : undefined;
  };
  const name = git('rev-parse', '--short', 'HEAD');
  if (name === undefined) return 'unknown';
  return git('status', '--porcelain', '--untracked-files=no') === '' ? name : `${name}+`;
}
