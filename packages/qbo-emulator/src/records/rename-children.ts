import type { EntityKind } from '../entities/entity.ts';
import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import { refId, textOf } from '../wire/json.ts';

/** A child's full name "A:B" follows its parent's (Intuit customer, item, class and department pages). */
export function renameChildren(kind: EntityKind, parent: Row, company: Company): void {
  const parentName = textOf(parent.fields['FullyQualifiedName']);
  if (parentName === undefined) return;
  for (const child of company.table(kind.name).values()) {
    if (refId(child.fields['ParentRef']) !== parent.id || child.fields['FullyQualifiedName'] === undefined) continue;
    const FullyQualifiedName = `${parentName}:${textOf(child.fields['DisplayName']) ?? textOf(child.fields['Name'])}`;
    if (FullyQualifiedName === child.fields['FullyQualifiedName']) continue;
    const before = kind.uniqueName?.(child.fields);
    child.fields = { ...child.fields, FullyQualifiedName };
    const after = kind.uniqueName?.(child.fields);
    if (before && after) {
      company.releaseName(before.space, before.name);
      company.claimName(after.space, after.name, child);
    }
    child.shown = undefined;
    renameChildren(kind, child, company);
  }
}
