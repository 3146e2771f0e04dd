import { baseUrlOf } from '@vesper/qbo-adapter/http-client';
import type { Config } from '../config.ts';
import type { CliIo } from './cli-io.ts';
import type { Check } from './doctor.ts';

const TIMEOUT_MS = 10_000;
/** Webhook signatures are good for 300 s either way. */
const CAREFUL_SKEW_MS = 30_000;
const BAD_SKEW_MS = 240_000;

/** Whether QuickBooks answers at all from here, and how far our clock is from its. No company's books are touched. */
export async function checkQuickbooks(io: Pick<CliIo, 'fetch' | 'now'>, { intuit }: Config): Promise<Check[]> {
  const { environment, emulatorUrl } = intuit;
  if (environment === 'emulator' && emulatorUrl === undefined)
    return [{ name: 'QuickBooks', state: 'ok', message: 'The bundled emulator starts together with the service.' }];
  const url = baseUrlOf(environment, emulatorUrl);
  try {
    const answer = await io.fetch(url, { method: 'GET', redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const date = answer.headers.get('date');
    return [
      { name: 'QuickBooks', state: 'ok', message: `${url} answers.` },
      ...(date === null ? [] : [checkClock(io.now() - Date.parse(date))]),
    ];
  } catch (error) {
    return [
      {
        name: 'QuickBooks',
        state: 'bad',
        message: `${url} cannot be reached (${error instanceof Error ? error.name : 'unknown error'}).`,
        remedy:
          environment === 'emulator'
            ? 'Start the emulator: npm run emulator -- --port 9000'
            : 'Look at name resolution, proxy and firewall of this host; status.developer.intuit.com tells of outages.',
      },
    ];
  }
}

function checkClock(skewMs: number): Check {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const words = `This clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} that of QuickBooks`;
  const remedy = 'Let the host keep time by NTP: webhook signatures are good for 300 s only.';
  if (Math.abs(skewMs) >= BAD_SKEW_MS) return { name: 'clock', state: 'bad', message: `${words}: webhooks are being refused.`, remedy };
  if (Math.abs(skewMs) >= CAREFUL_SKEW_MS) return { name: 'clock', state: 'careful', message: `${words}.`, remedy };
  return { name: 'clock', state: 'ok', message: seconds <= 1 ? 'It agrees with that of QuickBooks.' : `${words}.` };
}
