import type { CustomerDocument } from '@vesper/core/document';
import { toNote } from '../marker.ts';
import { cleanName, cut } from '../names.ts';
import { type Json, objectAt, textAt, toAddress } from '../wire.ts';
import { type Mapped, mapped } from './mapping.ts';

const NOTES = 2_000;
const PHONE = 30;

/** A customer as QuickBooks takes it, under a display name that is free. What its rules cut or clean is kept in the notes. */
export function toQboCustomer(document: CustomerDocument, { companyId, displayName }: { companyId: string; displayName: string }): Mapped {
  const { email = '' } = document;
  const given = cleanName(document.givenName ?? '', 'GivenName');
  const family = cleanName(document.familyName ?? '', 'FamilyName');
  const company = cleanName(document.companyName ?? '', 'CompanyName');
  const lost = [
    ...[cleanName(document.displayName, 'DisplayName'), given, family, company].flatMap((name) =>
      name.lost === undefined ? [] : [`Name: ${name.lost}`],
    ),
    ...(email && !isEmail(email) ? [`E-mail: ${email}`] : []),
    ...(document.phone && document.phone.length > PHONE ? [`Phone: ${document.phone}`] : []),
  ];
  return mapped('Customer', {
    DisplayName: displayName,
    GivenName: given.name || undefined,
    FamilyName: family.name || undefined,
    CompanyName: company.name || undefined,
    PrimaryEmailAddr: isEmail(email) ? { Address: email } : undefined,
    PrimaryPhone: document.phone ? { FreeFormNumber: cut(document.phone, PHONE) } : undefined,
    BillAddr: toAddress(document.address),
    Notes: cut(toNote({ companyId, key: document.key, words: `client ${document.clientId}`, more: [...new Set(lost)] }), NOTES),
  });
}

/** QuickBooks wants an @ and a dot (2210), and takes 100 characters. */
function isEmail(email: string): boolean {
  return email.length <= 100 && /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email);
}

export function compareCustomer(answer: Json, sent: Json): string[] {
  const differences: string[] = [];
  const compare = (name: string, found: string | undefined, wanted: string | undefined) => {
    if (wanted !== undefined && found !== wanted) differences.push(`${name}: ${found ?? 'none'} instead of ${wanted}`);
  };
  compare('name', textAt(answer, 'DisplayName'), textAt(sent, 'DisplayName'));
  compare('e-mail', textAt(objectAt(answer, 'PrimaryEmailAddr'), 'Address'), textAt(objectAt(sent, 'PrimaryEmailAddr'), 'Address'));
  return differences;
}
