import type { ItemChoice } from './document.ts';
import type { Inspection, InspectionLine } from './event.ts';
import type { CompanySettings } from './settings.ts';

/** By `serviceId`, then by name, then the item of the line's role; what has no id is the adapter's default for that role. */
export function chooseItem(line: InspectionLine, { isFeePair }: { isFeePair: boolean }, { items }: CompanySettings): ItemChoice {
  if (isFeePair) return withId('technology_fee', items.technologyFee);
  const chosen = lookUp(items.services, line.serviceId) ?? lookUp(items.names, line.name);
  if (line.kind === 'discount') return withId('discount', chosen ?? items.discount);
  if (line.kind === 'refund_adjustment') return withId('refund', chosen ?? items.refund);
  return withId('service', chosen ?? items.default);
}

/** A line's class: its service's, else its inspector's. */
export function chooseClass(
  line: Pick<InspectionLine, 'serviceId'>,
  inspector: Inspection['inspector'],
  { classes }: CompanySettings,
): { classId?: string } {
  const classId = lookUp(classes.services, line.serviceId) ?? lookUp(classes.inspectors, inspector?.id);
  return classId === undefined ? {} : { classId };
}

/** A document's location: its inspector's, else that of its first service that has one. */
export function chooseLocation({ inspector, lines }: Inspection, { classes }: CompanySettings): { locationId?: string } {
  const ids = [inspector?.id, ...lines.map(({ serviceId }) => serviceId)];
  const locationId = ids.map((id) => lookUp(classes.locations, id)).find((found) => found !== undefined);
  return locationId === undefined ? {} : { locationId };
}

export function withId<Role extends string>(role: Role, id: string | undefined): { role: Role; id?: string } {
  return id === undefined ? { role } : { role, id };
}

/** A service named "constructor" must not find what every object inherits. */
function lookUp(map: Record<string, string>, key: string | undefined): string | undefined {
  return key !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}
