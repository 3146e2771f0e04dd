import { StoreError } from '@vesper/outbox/store-error';
import type { Store } from '@vesper/outbox/store';
import { allCompanies } from './company.ts';
import { NOTICE_SECRET } from './notices/webhook-channel.ts';
import { PERSON, type Person } from './people/people.ts';
import { PEOPLE, secondStepSecret } from './people/second-step.ts';
import { TOKENS } from './quickbooks-stores.ts';

const PAGE = 200;

/**
 * Seals every secret under the newest encryption key, so that the old one can be taken away. A secret that does not open is left as it is
 * and named by its place: its owner must connect, or enrol, again.
 */
export async function resealSecrets(store: Store): Promise<{ resealed: number; unreadable: string[] }> {
  let resealed = 0;
  const unreadable: string[] = [];
  const reseal = async (owner: string, name: string): Promise<void> => {
    try {
      const kept = await store.getSecret(owner, name);
      // Somebody who saves it meanwhile seals it under the newest key too.
      if (kept && (await store.putSecret(owner, name, kept.value, kept.version))) resealed += 1;
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'corrupt') throw error;
      unreadable.push(`${owner} ${name}`);
    }
  };
  for await (const { id } of allCompanies(store)) {
    await reseal(id, TOKENS);
    await reseal(id, NOTICE_SECRET);
  }
  for (let after: string | undefined; ;) {
    const page = await store.listRecords<Person>(PERSON, { ...(after !== undefined && { after }), limit: PAGE });
    for (const { value } of page) await reseal(PEOPLE, secondStepSecret(value.email));
    after = page.at(-1)?.id;
    if (page.length < PAGE) return { resealed, unreadable };
  }
}
