import type { Answer } from '../wire/exchange.ts';
import type { Fields } from '../wire/json.ts';
import { WireTime } from '../wire/time.ts';
import type { LimitSwitch, Settings } from './settings.ts';
import { defaultSettings } from './settings.ts';
import { quickBooksLimits, RateLimiter } from './limits.ts';
import { Links } from './links.ts';
import { RequestLog } from './request-log.ts';
import { RequestMemory } from './request-memory.ts';
import type { Row } from './row.ts';

export type Tombstone = { readonly entity: string; readonly id: string; readonly at: number };

/** One QuickBooks company: its records with their indexes, its settings, and what was asked of it. */
export class Company {
  readonly realmId: string;
  readonly country: string;
  time: WireTime;
  settings: Settings = defaultSettings;
  limits: LimitSwitch = quickBooksLimits;

  readonly links = new Links();
  readonly deleted: Tombstone[] = [];
  readonly requests = new RequestLog();
  readonly limiter = new RateLimiter();
  readonly answers = new RequestMemory<Answer>();
  readonly batchItems = new RequestMemory<string>();
  inFlight = 0;
  /** Successful reads by UTC month, for the partner program's CorePlus cap. */
  readonly corePlus = new Map<string, number>();

  /** Rises whenever a name that other records show has changed. */
  renames = 0;
  /** Found once: the accounts that payments and invoices are booked to. */
  undepositedFundsId: string | undefined;
  receivablesId: string | undefined;
  /** The number the next sales form gets: last + 1 (Intuit, SalesFormsPrefs.CustomTxnNumbers). */
  nextDocNumber = 1_001;

  readonly #tables = new Map<string, Map<string, Row>>();
  readonly #names = new Map<string, Map<string, Row>>();
  readonly #docNumbers = new Map<string, Set<Row>>();
  readonly #sequences = new Map<string, number>();
  readonly #balances = new Map<string, number>();

  constructor({ realmId, country, timezone }: { realmId: string; country: string; timezone: string }) {
    this.realmId = realmId;
    this.country = country;
    this.time = new WireTime(timezone);
  }

  /** US tax rules differ from everybody else's (Intuit "sales tax" pages: line codes TAX and NON in the US only). */
  get isUs(): boolean {
    return this.country === 'US';
  }

  /** Another time zone: every record shows its times in it from now on. */
  moveTo(timezone: string): void {
    this.time = new WireTime(timezone);
    this.renames += 1;
  }

  nextId(sequence: string): string {
    const id = (this.#sequences.get(sequence) ?? 0) + 1;
    this.#sequences.set(sequence, id);
    return String(id);
  }

  table(entity: string): Map<string, Row> {
    const found = this.#tables.get(entity);
    if (found) return found;
    const made = new Map<string, Row>();
    this.#tables.set(entity, made);
    return made;
  }

  row(entity: string, id: string): Row | undefined {
    return this.#tables.get(entity)?.get(id);
  }

  /** The record that is alone of its kind: CompanyInfo, Preferences. */
  single(entity: string): Row {
    const row = this.row(entity, '1');
    if (!row) throw new Error(`company ${this.realmId} has no ${entity}`);
    return row;
  }

  get preferences(): Fields {
    return this.single('Preferences').fields;
  }

  insert(row: Row): void {
    this.table(row.entity).set(row.id, row);
  }

  remove(row: Row, now: number): void {
    this.table(row.entity).delete(row.id);
    this.deleted.push({ entity: row.entity, id: row.id, at: now });
  }

  /** Whoever holds a name of a name space; case does not tell names apart. */
  holderOf(space: string, name: string): Row | undefined {
    return this.#names.get(space)?.get(name.toLowerCase());
  }

  claimName(space: string, name: string, row: Row): void {
    const names = this.#names.get(space) ?? new Map<string, Row>();
    names.set(name.toLowerCase(), row);
    this.#names.set(space, names);
  }

  releaseName(space: string, name: string): void {
    this.#names.get(space)?.delete(name.toLowerCase());
  }

  /** Transactions that carry a number, written in any case. */
  withDocNumber(docNumber: string): ReadonlySet<Row> {
    return this.#docNumbers.get(docNumber.toLowerCase()) ?? new Set();
  }

  claimDocNumber(docNumber: string, row: Row): void {
    const key = docNumber.toLowerCase();
    const rows = this.#docNumbers.get(key);
    if (rows) rows.add(row);
    else this.#docNumbers.set(key, new Set([row]));
  }

  releaseDocNumber(docNumber: string, row: Row): void {
    const key = docNumber.toLowerCase();
    const rows = this.#docNumbers.get(key);
    rows?.delete(row);
    if (rows?.size === 0) this.#docNumbers.delete(key);
  }

  /** Balance of an account or customer in cents, by `Account/4` or `Customer/70`. */
  balance(key: string): number {
    return this.#balances.get(key) ?? 0;
  }

  addToBalance(key: string, cents: number): void {
    this.#balances.set(key, this.balance(key) + cents);
  }

  /** Moves LastUpdatedTime and not SyncToken, as recorded for a customer whose balance moved. */
  touch(row: Row | undefined, now: number): void {
    if (!row) return;
    row.updatedAt = now;
    row.shown = undefined;
  }
}
