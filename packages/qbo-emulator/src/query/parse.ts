import { queryInvalid, querySyntax } from '../wire/faults.ts';

export type Operator = '=' | '<' | '>' | '<=' | '>=' | 'IN' | 'LIKE';
export type Condition = { readonly property: string; readonly operator: Operator; readonly values: readonly string[] };
export type Query = {
  readonly count: boolean;
  readonly entity: string;
  readonly where: readonly Condition[];
  readonly orderBy: { readonly property: string; readonly descending: boolean } | undefined;
  readonly startPosition: number;
  /** Default 100, at most 1000 (Intuit "query operations"). */
  readonly maxResults: number;
};

type Token = { readonly kind: 'word' | 'text' | 'number' | 'sign' | 'end'; readonly text: string; readonly column: number };

/** Operators that the parser knows and the validator refuses (recorded). */
const refusedWords = ['OR', 'NOT', 'BETWEEN', 'CONTAINS', 'ITERATOR'];

/**
 * Reads a statement of the query language (Intuit "query operations and syntax"): `SELECT * | count(*) FROM Entity [WHERE
 * p op 'v' [AND …]] [ORDERBY p [ASC|DESC]] [STARTPOSITION n] [MAXRESULTS n]`. Keywords in any case; the last two clauses in
 * either order. Throws 4000 for syntax and 4001 for what parses and is refused.
 */
export function parseQuery(statement: string): Query {
  return new Parser(tokenize(statement)).query();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  query(): Query {
    this.#keyword('SELECT');
    const count = this.#selection();
    this.#keyword('FROM');
    const entity = this.#word('<IDENTIFIER> ...').text;
    const where = this.#takeKeyword('WHERE') ? this.#conditions() : [];
    const orderBy = this.#orderBy();
    const paging = this.#paging();
    if (this.#peek().kind !== 'end') this.#fail('<EOF>');
    return { count, entity, where, orderBy, ...paging };
  }

  #selection(): boolean {
    if (this.#takeSign('*')) return false;
    this.#keyword('COUNT');
    for (const sign of ['(', '*', ')']) if (!this.#takeSign(sign)) this.#fail(`"${sign}" ...`);
    return true;
  }

  #conditions(): Condition[] {
    const conditions = [this.#condition()];
    for (;;) {
      const { kind, text } = this.#peek();
      if (kind === 'word' && refusedWords.includes(text.toUpperCase()))
        throw queryInvalid(`QueryValidationError: ${text.toUpperCase()} is not supported`);
      if (!this.#takeKeyword('AND')) return conditions;
      conditions.push(this.#condition());
    }
  }

  #condition(): Condition {
    const property = this.#word('<IDENTIFIER> ...').text;
    const { kind, text } = this.#peek();
    const name = text.toUpperCase();
    if (kind === 'word' && refusedWords.includes(name)) throw queryInvalid(`QueryValidationError: ${name} is not supported`);
    if (this.#takeKeyword('IN')) return { property, operator: 'IN', values: this.#list() };
    if (this.#takeKeyword('LIKE')) return { property, operator: 'LIKE', values: [this.#value()] };
    if (kind === 'sign' && text === '!=') throw queryInvalid('QueryValidationError: != is not supported');
    for (const operator of ['=', '<', '>', '<=', '>='] as const)
      if (this.#takeSign(operator)) return { property, operator, values: [this.#value()] };
    return this.#fail('"=" ...');
  }

  #list(): string[] {
    if (!this.#takeSign('(')) this.#fail('"(" ...');
    const values = [this.#value()];
    while (this.#takeSign(',')) values.push(this.#value());
    if (!this.#takeSign(')')) this.#fail('")" ...');
    return values;
  }

  /** Values stand in single quotes, numbers too (recorded); true and false may stand bare. */
  #value(): string {
    const token = this.#peek();
    const bare = token.kind === 'word' && /^(true|false)$/i.test(token.text);
    if (token.kind !== 'text' && !bare) this.#fail('<STRING> ...');
    this.#at += 1;
    return bare ? token.text.toLowerCase() : token.text;
  }

  #orderBy(): Query['orderBy'] {
    if (this.#takeKeyword('ORDER')) this.#keyword('BY');
    else if (!this.#takeKeyword('ORDERBY')) return undefined;
    const property = this.#word('<IDENTIFIER> ...').text;
    const descending = this.#takeKeyword('DESC');
    if (!descending) this.#takeKeyword('ASC');
    return { property, descending };
  }

  #paging(): { startPosition: number; maxResults: number } {
    let startPosition = 1;
    let maxResults = 100;
    for (;;) {
      if (this.#takeKeyword('STARTPOSITION')) startPosition = this.#positive();
      else if (this.#takeKeyword('MAXRESULTS')) maxResults = Math.min(this.#positive(), 1_000);
      else return { startPosition, maxResults };
    }
  }

  #positive(): number {
    const token = this.#peek();
    if (token.kind !== 'number') this.#fail('<INTEGER> ...');
    this.#at += 1;
    const value = Number(token.text);
    if (value < 1) throw queryInvalid(`QueryValidationError: value ${token.text} is too small. Min allowed value is 1`);
    return value;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '', column: 0 };
  }

  #word(expected: string): Token {
    const token = this.#peek();
    if (token.kind !== 'word') this.#fail(expected);
    this.#at += 1;
    return token;
  }

  #takeKeyword(keyword: string): boolean {
    const { kind, text } = this.#peek();
    const found = kind === 'word' && text.toUpperCase() === keyword;
    if (found) this.#at += 1;
    return found;
  }

  #keyword(keyword: string): void {
    if (!this.#takeKeyword(keyword)) this.#fail(`"${keyword.toLowerCase()}" ...`);
  }

  #takeSign(sign: string): boolean {
    const { kind, text } = this.#peek();
    const found = kind === 'sign' && text === sign;
    if (found) this.#at += 1;
    return found;
  }

  #fail(expected: string): never {
    const { kind, text, column } = this.#peek();
    throw querySyntax({ encountered: kind === 'end' ? '"<EOF>"' : `" "${text}" "${text} ""`, column, expected });
  }
}

const pattern = /\s*(?:(?<word>[A-Za-z_][\w.]*)|(?<number>-?\d+(?:\.\d+)?)|'(?<text>(?:\\.|[^'\\])*)'|(?<sign><=|>=|!=|[=<>(),*]))/y;

function tokenize(statement: string): Token[] {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  for (let at = 0; statement.slice(at).trim() !== ''; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const match = pattern.exec(statement);
    const column = at + 1 + (statement.slice(at).length - statement.slice(at).trimStart().length);
    if (!match?.groups)
      throw querySyntax({ encountered: `" "${statement.slice(column - 1, column)}"`, column, expected: '<IDENTIFIER> ...' });
    const { word, number, text, sign } = match.groups;
    if (word !== undefined) tokens.push({ kind: 'word', text: word, column });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, column });
    else if (text !== undefined) tokens.push({ kind: 'text', text: text.replace(/\\(.)/g, '$1'), column });
    else tokens.push({ kind: 'sign', text: sign ?? '', column });
  }
  tokens.push({ kind: 'end', text: '', column: statement.length + 1 });
  return tokens;
}
