import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import { missing } from '../wire/faults.ts';
import type { Fields } from '../wire/json.ts';
import { refId, textOf } from '../wire/json.ts';
import type { Shape } from '../wire/shape.ts';
import { dropped, flag, text } from '../wire/shape.ts';
import type { Draft, EntityKind, Prepared } from './entity.ts';
import { commonShape, ref } from './entity.ts';
import { checkName, checkUnique, nameByActivity } from './name-rules.ts';
import { nameOf, storedRef } from './references.ts';

/**
 * A list of names without much else: PaymentMethod and Term, and, with `subFlag`, Class and Department, which nest. Lists
 * cannot be deleted, only made inactive (Intuit "basic field definitions").
 */
export function nameList(
  name: string,
  options: {
    maxLength: number;
    shape: Shape;
    queryable: readonly string[];
    subFlag?: string;
    check?: (fields: Fields, company: Company) => Fields;
  },
): EntityKind {
  const { maxLength, shape, queryable, subFlag, check = () => ({}) } = options;
  const others = name === 'PaymentMethod' ? 'payment method' : name.toLowerCase();
  const nameField = subFlag ? 'FullyQualifiedName' : 'Name';
  const nesting: Shape = subFlag ? { [subFlag]: flag, ParentRef: ref, FullyQualifiedName: dropped, Description: text(4_000) } : {};

  function prepare(draft: Draft): Prepared {
    const { company, fields, before } = draft;
    const given = textOf(fields['Name'])?.trim();
    if (!given) throw missing('Name');
    checkName(given, 'Name');
    const active = nameByActivity(draft, given);
    const common = { ...fields, ...check(fields, company), Name: active, Active: fields['Active'] !== false };
    if (!subFlag) {
      checkUnique(draft, { space: name, name: active, others });
      return { fields: common };
    }
    const parentRef = storedRef(fields['ParentRef'], { company, entity: name, before: before?.fields['ParentRef'] });
    if (fields[subFlag] === true && !parentRef) throw missing('ParentRef');
    const fullName = parentRef ? `${nameOf(company.row(name, parentRef.value))}:${active}` : active;
    checkUnique(draft, { space: name, name: fullName, others });
    return { fields: { ...common, [subFlag]: parentRef !== undefined, ParentRef: parentRef, FullyQualifiedName: fullName } };
  }

  return {
    name,
    sequence: name,
    operations: ['create', 'update'],
    isTransaction: false,
    shape: { ...commonShape, Name: text(maxLength), Active: flag, ...nesting, ...shape },
    keptByFullUpdate: ['Name', 'Active', 'Type'],
    queryable: ['Name', 'Active', ...(subFlag ? ['FullyQualifiedName', subFlag, 'ParentRef'] : []), ...queryable],
    uniqueName: (fields) => ({ space: name, field: 'Name', name: textOf(fields[nameField]) ?? '' }),
    prepare,
    toWire,
  };
}

function toWire(row: Row): Fields {
  const { ParentRef } = row.fields;
  return ParentRef ? { ...row.fields, ParentRef: { value: refId(ParentRef) ?? '' } } : row.fields;
}
