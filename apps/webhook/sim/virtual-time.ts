/** Everything that will happen, in order. Time jumps from one happening to the next; what they do at once is finished in between. */
export interface VirtualTime {
  /** Milliseconds since 1970, true everywhere in the simulated world. */
  now(): number;
  /** Answers how to call it off. */
  after(ms: number, happen: () => void): () => void;
  runUntil(endMs: number): Promise<void>;
}

interface Happening {
  at: number;
  order: number;
  happen: (() => void) | undefined;
}

export function createVirtualTime(startMs: number): VirtualTime {
  const heap: Happening[] = [];
  let now = startMs;
  let order = 0;

  return {
    now: () => now,
    after(ms, happen) {
      const happening: Happening = { at: now + Math.max(0, Math.ceil(ms)), order: (order += 1), happen };
      push(heap, happening);
      return () => {
        happening.happen = undefined;
      };
    },
    async runUntil(endMs) {
      await promisesSettle();
      for (let first = heap[0]; first && first.at <= endMs; first = heap[0]) {
        pop(heap);
        if (!first.happen) continue;
        now = Math.max(now, first.at);
        first.happen();
        await promisesSettle();
      }
      now = Math.max(now, endMs);
    },
  };
}

/** Promises settle before the next turn of the loop; nothing in the simulated world waits for anything else that is real. */
function promisesSettle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Happening[], added: Happening): void {
  let place = heap.length;
  while (place > 0) {
    const above = (place - 1) >> 1;
    const parent = heap[above] as Happening;
    if (!isBefore(added, parent)) break;
    heap[place] = parent;
    place = above;
  }
  heap[place] = added;
}

function pop(heap: Happening[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let place = 0;
  for (;;) {
    let below = 2 * place + 1;
    if (below >= heap.length) break;
    const right = heap[below + 1];
    if (right && isBefore(right, heap[below] as Happening)) below += 1;
    const child = heap[below] as Happening;
    if (!isBefore(child, last)) break;
    heap[place] = child;
    place = below;
  }
  heap[place] = last;
}
