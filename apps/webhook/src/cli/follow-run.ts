import progressBars, { SingleBar } from 'cli-progress';
import type { z } from 'zod';
import type { run as runSchema } from '../routes/schemas.ts';
import type { CliIo } from './cli-io.ts';
import type { VesperApi } from './vesper-api.ts';

export type Run = z.infer<typeof runSchema>;

const POLL_MS = 500;

/** Begins a run and shows how far it is until it ends. A refusal to begin it is thrown. */
export async function startAndFollow(room: FollowRoom, companyPath: string, body: { asOf?: string }): Promise<Run> {
  const { id } = await room.api.send<{ id: string }>('POST', `${companyPath}/runs`, body);
  return followRun(room, `${companyPath}/runs/${encodeURIComponent(id)}`);
}

export interface FollowRoom {
  io: Pick<CliIo, 'progress' | 'sleep'>;
  api: VesperApi;
}

/** Shows a run's progress until it ends; several minutes for every thousand inspections, as QuickBooks' limits have it. */
export async function followRun({ io, api }: FollowRoom, path: string): Promise<Run> {
  const bar = startBar(io, 'Posting', 1);
  try {
    for (;;) {
      const run = await api.get<Run>(path);
      const { done, total } = run.progress ?? { done: 0, total: 0 };
      bar.setTotal(Math.max(total, 1));
      bar.update(run.state === 'done' ? Math.max(total, 1) : done);
      if (run.state !== 'running') return run;
      await io.sleep(POLL_MS);
    }
  } finally {
    bar.stop();
  }
}

/** A bar on a terminal; nothing where output goes to a file. */
export function startBar({ progress }: Pick<CliIo, 'progress'>, name: string, total: number): SingleBar {
  const bar = new SingleBar({
    stream: progress,
    format: `${name.padEnd(8)} {bar} {value}/{total}  {eta_formatted} left`,
    // Before the first piece is done nothing can be said; cli-progress hands over a word for it.
    formatTime: (left, ...rest) => (Number.isFinite(left) ? progressBars.Format.TimeFormat(left, ...rest) : '?'),
    hideCursor: true,
    clearOnComplete: false,
  });
  bar.start(total, 0);
  return bar;
}
