export type Remembered<T> = { readonly answer: T; readonly bodySha256: string | null; readonly at: number };

/**
 * Answers by request id, so that a repeat is answered and not executed again (Intuit blog "requestid", 2015). How long
 * Intuit keeps them is not documented: `retentionMs` null keeps them until the reset.
 */
export class RequestMemory<T> {
  readonly #answers = new Map<string, Remembered<T>>();
  readonly #running = new Map<string, number>();

  recall(id: string, { now, retentionMs }: { now: number; retentionMs: number | null }): Remembered<T> | undefined {
    const remembered = this.#answers.get(id);
    if (!remembered || retentionMs === null || now - remembered.at < retentionMs) return remembered;
    this.#answers.delete(id);
    return undefined;
  }

  keep(id: string, remembered: Remembered<T>): void {
    this.#answers.set(id, remembered);
  }

  /** Marks a request that has arrived and is not executed yet; the answer ends the mark. */
  start(id: string): () => void {
    this.#running.set(id, (this.#running.get(id) ?? 0) + 1);
    return () => {
      const left = (this.#running.get(id) ?? 1) - 1;
      if (left > 0) this.#running.set(id, left);
      else this.#running.delete(id);
    };
  }

  isRunning(id: string): boolean {
    return this.#running.has(id);
  }
}
