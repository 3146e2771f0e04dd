import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FAULT_KINDS } from '../../sim/faults.ts';
import { MUTATIONS } from '../../sim/mutations.ts';

const SIM = fileURLToPath(new URL('../../sim/sim.ts', import.meta.url));

interface SimResult {
  seeds: number;
  violations: { seed: number; invariant: string; message: string; repeat: string }[];
  faultsFired: Record<string, number>;
  neverFired: string[];
}

/** The command itself, in a process of its own, as `npm run sim` starts it. */
function sim(...args: string[]): Promise<{ code: number; result: SimResult }> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ['--conditions=source', '--disable-warning=ExperimentalWarning', SIM, '--json', ...args],
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error ? Number(error.code) : 0;
        if (stdout === '') reject(new Error(stderr));
        else resolve({ code, result: JSON.parse(stdout) as SimResult });
      },
    );
  });
}

// Money stands twice in the books, or not at all, on some evening nobody tried.
it('keeps every promise through thirty seeds of trouble, each lived twice alike', async () => {
  const { code, result } = await sim('--seeds', '30');
  expect(result.violations).toEqual([]);
  expect([code, result.seeds, Object.keys(result)]).toEqual([0, 30, ['seeds', 'violations', 'faultsFired', 'neverFired']]);
  expect(Object.keys(result.faultsFired).filter((kind) => !(FAULT_KINDS as string[]).includes(kind))).toEqual([]);
});

it('lives another life under another seed', async () => {
  const [one, other] = await Promise.all([sim('--seed', '1'), sim('--seed', '2')]);
  expect(one.result.faultsFired).not.toEqual(other.result.faultsFired);
});

describe('a promise broken on purpose is caught', () => {
  // A simulator that sees nothing proves nothing.
  it.each(Object.entries(MUTATIONS).map(([name, { breaks }]) => ({ name, breaks })))('$name: $breaks', async ({ name }) => {
    const { code, result } = await sim('--seeds', '120', '--until-violated', '--mutation', name);
    const [first] = result.violations;
    expect([code, first?.repeat]).toEqual([1, `npm run sim -- --seed ${first?.seed} --mutation ${name}`]);
  });
});
