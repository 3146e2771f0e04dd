import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import type { Fields } from '../wire/json.ts';
import type { Property, Shape } from '../wire/shape.ts';
import { date, dropped, flag, list, object, oneOf, text } from '../wire/shape.ts';

/** A write on its way: what was sent, and the fields the record would have. */
export type Draft = {
  readonly company: Company;
  readonly now: number;
  readonly before: Row | undefined;
  /** What was sent, read by the entity's shape. */
  readonly sent: Fields;
  /** What was sent over what the update keeps. */
  readonly fields: Fields;
  readonly allowDuplicateDocNumber: boolean;
};

/** What `prepare` makes of a draft: it validates, fills in, computes, and changes nothing outside. */
export type Prepared = {
  readonly fields: Fields;
  readonly totalCents?: number;
  readonly taxCents?: number;
  readonly nextLineId?: number;
};

export type WriteOperation = 'create' | 'update' | 'void' | 'delete';

/** Cents that a transaction moves in an account's or customer's balance, keyed `Account/4` or `Customer/70`. */
export type Posting = readonly [key: string, cents: number];

/** All that the emulator knows about one QuickBooks entity. A new entity is one of these and a line in the registry. */
export type EntityKind = {
  readonly name: string;
  /** Records that share a sequence never have the same Id. */
  readonly sequence: string;
  readonly operations: readonly WriteOperation[];
  readonly isTransaction: boolean;
  readonly shape: Shape;
  /** Properties a full update leaves alone when they are left out. */
  readonly keptByFullUpdate: readonly string[];
  /** Properties that a query's WHERE and ORDERBY take, beside Id, Active and MetaData. */
  readonly queryable: readonly string[];
  readonly hiddenInQueries?: readonly string[];
  /** The unique name of a record, and the name space in which it is unique. */
  readonly uniqueName?: (fields: Fields) => { readonly space: string; readonly field: string; readonly name: string };
  readonly prepare: (draft: Draft) => Prepared;
  /** Throws when the record may not be changed into `next`, voided or deleted. */
  readonly guard?: (row: Row, next: Prepared | 'void' | 'delete', company: Company) => void;
  /** Ties the stored record to others, and unties it again before it changes or goes. */
  readonly link?: (row: Row, company: Company, now: number) => void;
  readonly unlink?: (row: Row, company: Company, now: number) => void;
  readonly voided?: (row: Row) => Prepared;
  readonly postings?: (row: Row, company: Company) => readonly Posting[];
  /** The record as a read answers it, without the parts common to all entities. */
  readonly toWire: (row: Row, company: Company) => Fields;
};

/** A reference: `name` and `type` may be sent and mean nothing (Intuit samples). */
export const ref: Property = object('ReferenceType', { value: text(100), name: text(1_000), type: text(100) });

/** Properties that every entity's schema has (Intuit XSD, IntuitEntity). */
export const commonShape: Shape = {
  Id: text(100),
  SyncToken: text(100),
  sparse: flag,
  domain: dropped,
  status: dropped,
  MetaData: dropped,
  CustomField: list(
    object('CustomField', {
      DefinitionId: text(20),
      Name: text(100),
      Type: text(30),
      StringValue: text(1_000),
      BooleanValue: flag,
      DateValue: date,
      NumberValue: dropped,
    }),
  ),
  AttachableRef: dropped,
};

/** Intuit "basic field definitions", PhysicalAddress. */
export const addressShape: Property = object('PhysicalAddress', {
  Id: dropped,
  Line1: text(500),
  Line2: text(500),
  Line3: text(500),
  Line4: text(500),
  Line5: text(500),
  City: text(255),
  Country: text(255),
  CountryCode: text(3),
  CountrySubDivisionCode: text(255),
  PostalCode: text(30),
  PostalCodeSuffix: text(30),
  Lat: dropped,
  Long: dropped,
  Tag: text(100),
  Note: text(1_000),
});

export const emailShape: Property = object('EmailAddress', { Id: dropped, Address: text(100), Default: flag, Tag: text(100) });

/** Intuit customer page: phones have at most 30 characters. */
export const phoneShape: Property = object('TelephoneNumber', {
  Id: dropped,
  DeviceType: text(30),
  CountryCode: text(10),
  AreaCode: text(10),
  ExchangeCode: text(10),
  Extension: text(10),
  FreeFormNumber: text(30),
  Default: flag,
  Tag: text(100),
});

/** Intuit customer page: URI 1000. */
export const webShape: Property = object('WebSiteAddress', { Id: dropped, URI: text(1_000), Default: flag, Tag: text(100) });

export const globalTaxCalculation: Property = oneOf('TaxExcluded', 'TaxInclusive', 'NotApplicable');
