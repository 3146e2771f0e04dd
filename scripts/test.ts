import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `npm test`: every test there is; the last line counts them, so that a run that tested nothing cannot pass for a good one. */
const folder = mkdtempSync(join(tmpdir(), 'vesper-test-'));
const resultFile = join(folder, 'results.json');
try {
  const { status } = spawnSync(
    'vitest',
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${resultFile}`, ...process.argv.slice(2)],
    { stdio: 'inherit' },
  );
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(resultFile, 'utf8')) as Results;
  const brokenFiles = testResults.filter(
    ({ status: fileStatus, assertionResults }) => fileStatus === 'failed' && assertionResults.length === 0,
  ).length;
  const failed = numFailedTests + brokenFiles;
  const untried = testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ status: outcome }) => !isVerdict(outcome));
  // Who asks for some tests knows that the others did not run.
  if (process.argv.length > 2 && untried.length > 0) console.log(`${untried.length} did not run`);
  else for (const { fullName } of untried) console.log(`did not run: ${fullName}`);
  console.log(`${numPassedTests} passed, ${failed} failed`);
  process.exitCode = status !== 0 || failed > 0 || numPassedTests === 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function isVerdict(outcome: string): boolean {
  return outcome === 'passed' || outcome === 'failed';
}

interface Results {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: string; assertionResults: { status: string; fullName: string }[] }[];
}
