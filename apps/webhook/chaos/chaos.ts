import { parseArgs } from 'node:util';
import { runChaos } from './run-chaos.ts';

/** `npm run chaos -- --rounds 200 --seed 1`: real processes, killed, paused, cut off and without disk; nothing lost, nothing double. */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const result = await runChaos({
  rounds: Number(values.rounds),
  seed: Number(values.seed),
  onRound: ({ round, name, store, ms, violations }) => {
    if (!values.json)
      console.log(
        `${String(round).padStart(4)}  ${store.padEnd(8)} ${name.padEnd(26)} ${String(ms).padStart(6)} ms  ${violations.length === 0 ? 'ok' : 'BROKEN'}`,
      );
  },
});
if (values.json) console.log(JSON.stringify(result));
else {
  for (const violation of result.violations) console.error(violation);
  console.log(`${result.rounds} rounds, ${result.violations.length} violations`);
}
process.exitCode = result.violations.length > 0 || result.rounds === 0 ? 1 : 0;
