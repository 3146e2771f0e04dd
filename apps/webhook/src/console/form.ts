import type { Context } from 'hono';
import { z } from 'zod';
import { Refusal } from './refusal.ts';
import type { ConsoleEnv } from './visitor.ts';

/** A sent form: each name's first value, trimmed; files are none of ours. */
export interface SentForm {
  text(name: string): string;
  /** Empty counts as left out. */
  given(name: string): string | undefined;
  ticked(name: string): boolean;
  every(name: string): string[];
}

export async function readForm(context: Context<ConsoleEnv> | Context): Promise<SentForm> {
  const body = await context.req.parseBody({ all: true });
  const every = (name: string): string[] => [body[name] ?? []].flat().flatMap((value) => (typeof value === 'string' ? [value.trim()] : []));
  const text = (name: string): string => every(name)[0] ?? '';
  return { text, every, given: (name) => text(name) || undefined, ticked: (name) => text(name) !== '' };
}

const why = z.string().min(3).max(500);

/** The reason every act needs. */
export function whyOf(form: SentForm): string {
  const parsed = why.safeParse(form.text('why'));
  if (!parsed.success)
    throw new Refusal(400, 'Say why', 'Every act is kept with its reason, in three characters or more. Go back and add it.');
  return parsed.data;
}
