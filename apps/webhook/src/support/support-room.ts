import type { ApiRoom } from '../api-room.ts';

/** What the verbs of support work with. */
export type SupportRoom = Pick<
  ApiRoom,
  'store' | 'clock' | 'openBooks' | 'clientOf' | 'holder' | 'logger' | 'resendAfterMs' | 'background' | 'signal'
>;

/** Who looks or acts: an API key's or a person's name for the audit. Without `companies` all companies are theirs. */
export interface Agent {
  name: string;
  companies?: readonly string[];
}

/** Who acts, and why in their own words; both go to the audit before the effect. */
export interface Act {
  who: Agent;
  why: string;
}
