import type { EventIssue } from '@vesper/core/event';
import type { z } from 'zod';
import { ApiError } from '../api-error.ts';

/** The hook of every described route: a request its schema refuses is answered 400 with every fault at once. */
export function refuseInvalid(result: { success: true } | { success: false; error: { issues: readonly z.core.$ZodIssue[] } }): void {
  if (result.success) return;
  throw new ApiError(400, 'invalid_request', 'The request is not valid; see its issues.', { issues: toIssues(result.error) });
}

export function toIssues({ issues }: { issues: readonly z.core.$ZodIssue[] }): EventIssue[] {
  return issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
}
