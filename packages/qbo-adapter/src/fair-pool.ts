/** Runs at most `size` tasks at once in one process, taking companies in turn: one with 50,000 documents waits its turn like one with two. */
export interface FairPool {
  run<Result>(companyId: string, task: () => Promise<Result>): Promise<Result>;
}

/**
 * Each company has its own QuickBooks budget, so what they compete for is this process. Round robin over the companies that wait, first come first
 * served within one. p-queue and bottleneck order by priority or arrival, where the big company would win.
 */
export function createFairPool({ size }: { size: number }): FairPool {
  const lines = new Map<string, (() => void)[]>();
  let running = 0;

  function next(): void {
    for (const [companyId, line] of lines) {
      if (running >= size) return;
      const start = line.shift();
      // To the back of the round, or out of it.
      lines.delete(companyId);
      if (line.length > 0) lines.set(companyId, line);
      if (!start) continue;
      running += 1;
      start();
    }
  }

  return {
    run: (companyId, task) =>
      new Promise((resolve, reject) => {
        const start = () => {
          task()
            .then(resolve, reject)
            .finally(() => {
              running -= 1;
              next();
            });
        };
        const line = lines.get(companyId);
        if (line) line.push(start);
        else lines.set(companyId, [start]);
        next();
      }),
  };
}
