import { basename } from 'node:path';

/** What a process did to its files, in order, as strace saw it; each acknowledgement stands where it began. */
export interface TracedDisk {
  acknowledgements: readonly Acknowledgement[];
  /**
   * The files as they are when the power is lost at that acknowledgement: what was synced, and of the rest what `survives` says, by sector.
   * Names of files, made and removed, are taken to survive.
   */
  filesAfterPowerLoss(at: Acknowledgement, survives: () => boolean): Map<string, Buffer>;
}
export interface Acknowledgement {
  ids: readonly string[];
  /** How many changes had been asked for by then, and which of them had been synced. */
  changes: number;
  synced: ReadonlySet<Change>;
}
export type Change = { file: string; done: boolean } & ({ at: number; bytes: Buffer } | { size: number } | { isRemoved: true });

/** The arguments that make strace write what `readTrace` reads. */
export const straceArguments = (traceFile: string): string[] => [
  '-f',
  '-xx',
  '-y',
  '--string-limit=1000000',
  '--trace=write,pwrite64,fsync,fdatasync,ftruncate,unlink',
  `--output=${traceFile}`,
];

const SECTOR = 512;
const text = (hex: string): Buffer => Buffer.from(hex.replaceAll('\\x', ''), 'hex');

/** A call seen by another thread's in between is told in two lines; its arguments are in the first. */
export function readTrace(trace: string, acknowledgedFile: string): TracedDisk {
  const changes: Change[] = [];
  const synced = new Set<Change>();
  const acknowledgements: Acknowledgement[] = [];
  const open = new Map<string, () => void>();

  for (const line of trace.split('\n')) {
    const [, thread = '', call = ''] = /^(\d+)\s+(.*)$/u.exec(line) ?? [];
    if (call.startsWith('<...')) {
      open.get(thread)?.();
      open.delete(thread);
      continue;
    }
    const finish = begin(call);
    if (call.endsWith('<unfinished ...>')) open.set(thread, finish);
    else finish();
  }

  function begin(call: string): () => void {
    const [, name = '', path = ''] = /^(\w+)\((?:\d+<|")([\\x0-9a-f]*)[>"]/u.exec(call) ?? [];
    const file = basename(text(path).toString());
    const change = changeOf(name, file, call);
    if (change !== undefined) changes.push(change);
    if (name === 'write' && file === acknowledgedFile)
      acknowledgements.push({
        ids: text(quoted(call)).toString().trim().split('\n'),
        changes: changes.length,
        synced: new Set(synced),
      });
    // A sync keeps what was done before it began.
    const kept =
      name === 'fsync' || name === 'fdatasync' ? changes.filter((each) => each.file === file && each.done && !synced.has(each)) : [];
    return () => {
      if (change !== undefined) change.done = true;
      for (const each of kept) synced.add(each);
    };
  }

  return {
    acknowledgements,
    filesAfterPowerLoss(at, survives) {
      const files = new Map<string, Buffer>();
      for (const change of changes.slice(0, at.changes)) {
        const isWhole = at.synced.has(change);
        const file = files.get(change.file);
        if ('isRemoved' in change) files.delete(change.file);
        else if ('size' in change) {
          if (isWhole || survives()) files.set(change.file, resized(file, change.size));
        } else {
          const parts = sectorsOf(change).filter(() => isWhole || survives());
          const end = Math.max(file?.length ?? 0, ...parts.map(({ at: from, bytes }) => from + bytes.length));
          const changed = resized(file, end);
          for (const { at: from, bytes } of parts) bytes.copy(changed, from);
          if (parts.length > 0) files.set(change.file, changed);
        }
      }
      return files;
    },
  };
}

/** A write in the pieces that a disk keeps or loses. */
function sectorsOf({ at, bytes }: { at: number; bytes: Buffer }): { at: number; bytes: Buffer }[] {
  const parts: { at: number; bytes: Buffer }[] = [];
  for (let from = 0; from < bytes.length;) {
    const end = from + SECTOR - ((at + from) % SECTOR);
    parts.push({ at: at + from, bytes: bytes.subarray(from, end) });
    from = end;
  }
  return parts;
}

function changeOf(name: string, file: string, call: string): Change | undefined {
  const [last = '0'] = /\d+(?=\)|\s*<unfinished)/u.exec(call.slice(call.lastIndexOf(','))) ?? [];
  switch (name) {
    case 'pwrite64':
      return { file, done: false, at: Number(last), bytes: text(quoted(call)) };
    case 'ftruncate':
      return { file, done: false, size: Number(last) };
    case 'unlink':
      return { file, done: false, isRemoved: true };
    default:
      return undefined;
  }
}

const quoted = (call: string): string => /"([\\x0-9a-f]*)"/u.exec(call)?.[1] ?? '';

function resized(file: Buffer | undefined, size: number): Buffer {
  if (file?.length === size) return file;
  const next = Buffer.alloc(size);
  file?.copy(next);
  return next;
}
