import { z } from 'zod';

/** The body of `POST /emulator/clock`: forward by, or set to; neither only tells the time. */
export const clockMove = z
  .strictObject({ advanceMs: z.number().int().min(0).optional(), now: z.iso.datetime({ offset: true }).optional() })
  .refine(({ advanceMs, now }) => advanceMs === undefined || now === undefined, 'advanceMs and now exclude each other');
