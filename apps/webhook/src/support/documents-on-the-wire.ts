import type { DocumentKey } from '@vesper/core/document';
import { subjectOfDocument } from './document-subject.ts';
import type { SupportRoom } from './support-room.ts';

/** Documents of these subjects whose batch is sealed or whose outcome is unknown: nobody can call them back. */
export async function documentsOnTheWire(
  { store }: Pick<SupportRoom, 'store'>,
  companyId: string,
  subjects: readonly string[],
): Promise<DocumentKey[]> {
  const PAGE = 1_000;
  const found: DocumentKey[] = [];
  for (let after: string | undefined; ;) {
    const page = await store.ledgerByState(companyId, ['sealed', 'unknown'], { ...(after !== undefined && { after }), limit: PAGE });
    found.push(...page.map(({ key }) => key).filter((key) => subjects.includes(subjectOfDocument(key) ?? '')));
    if (page.length < PAGE) return found;
    after = page.at(-1)?.key;
  }
}
