/** One error of a Fault. `element` is left out of the JSON when undefined, as recorded for 500, 2010, 4000 and 4001. */
export type FaultError = { readonly code: string; readonly message: string; readonly detail: string; readonly element?: string };

export type FaultType = 'ValidationFault' | 'SystemFault' | 'AuthenticationFault' | 'AuthorizationFault' | 'SERVICE';

/**
 * A request that QuickBooks refuses. Codes, texts and `element` follow Intuit's "error codes" and "handling common
 * errors" pages and recorded answers; every ValidationFault is answered HTTP 400.
 */
export class QboFault extends Error {
  readonly errors: readonly FaultError[];
  readonly type: FaultType;
  readonly status: number;

  constructor(
    errors: FaultError | readonly FaultError[],
    { type = 'ValidationFault', status = 400 }: { type?: FaultType; status?: number } = {},
  ) {
    const list = Array.isArray(errors) ? (errors as readonly FaultError[]) : [errors as FaultError];
    super(list.map(({ code, detail }) => `${code} ${detail}`).join('; '));
    this.errors = list;
    this.type = type;
    this.status = status;
  }
}

/** Recorded: HTTP 400 ValidationFault 5010 with an empty element. */
export function staleObject(): QboFault {
  return new QboFault({
    code: '5010',
    message: 'Stale Object Error',
    detail:
      'Stale Object Error : You and Emulator User were working on this at the same time. Emulator User finished before you did, so your work was not saved.',
    element: '',
  });
}

/** Intuit "error codes": 610; the detail for a record that was deleted or never was is recorded. */
export function objectNotFound(): QboFault {
  return new QboFault({
    code: '610',
    message: 'Object Not Found',
    detail: 'Object Not Found : Another user has deleted this transaction.',
    element: '',
  });
}

/** Intuit "error codes": 610 for a reference to something inactive. */
export function madeInactive(): QboFault {
  return new QboFault({
    code: '610',
    message: 'Object Not Found',
    detail:
      "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors or employees.",
    element: '',
  });
}

/** Intuit "error codes": 620. */
export function cannotLink(): QboFault {
  return new QboFault({
    code: '620',
    message: 'Invalid Linked Transaction',
    detail: 'Transaction ID supplied with the request can not be linked',
    element: '',
  });
}

/** Intuit "error codes": 500 for unknown paths and unsupported operations; recorded without element. */
export function unsupportedOperation(what: string): QboFault {
  return new QboFault({ code: '500', message: 'Unsupported Operation', detail: `Operation ${what}` });
}

/** Recorded: 2010 names the field and its Java class and has no element. */
export function unknownProperty({ property, owner, known }: { property: string; owner: string; known: readonly string[] }): QboFault {
  const list = known.map((name) => `"${name}"`).join(', ');
  return new QboFault({
    code: '2010',
    message: 'Request has invalid or unsupported property',
    detail: `Property Name:Unrecognized field "${property}" (class com.intuit.schema.finance.v3.${owner}), not marked as ignorable (${known.length} known properties: ${list}) specified is unsupported or invalid`,
  });
}

/** Intuit "error codes": 2010, for a body or value that cannot be read as its type. */
export function invalidValue(property: string, why: string): QboFault {
  return new QboFault({
    code: '2010',
    message: 'Request has invalid or unsupported property',
    detail: `Property Name:${property} ${why} specified is unsupported or invalid`,
  });
}

/** Recorded: 2020 with the path of the field as element. */
export function missing(element: string): QboFault {
  return new QboFault(missingError(element));
}

export function missingError(element: string): FaultError {
  return {
    code: '2020',
    message: 'Required param missing, need to supply the required value for the API',
    detail: `Required parameter ${element} is missing in the request`,
    element,
  };
}

/** Recorded: 2030 with element "Id". */
export function invalidId(supplied: string): QboFault {
  return new QboFault({
    code: '2030',
    message: 'Invalid ID',
    detail: `Id should be a valid number. Supplied value:${supplied}`,
    element: 'Id',
  });
}

/** Intuit "error codes": 2040. */
export function badCharacters(element: string): QboFault {
  return new QboFault({
    code: '2040',
    message: 'Invalid String. The string contains characters that are not supported by the API',
    detail: `String contains invalid characters. Property Name:${element}`,
    element,
  });
}

/** Intuit "error codes": 2050. */
export function tooLong({ element, max, supplied }: { element: string; max: number; supplied: number }): QboFault {
  return new QboFault({
    code: '2050',
    message: 'String length is either shorter or longer than supported by specification',
    detail: `String length specified does not match the supported length. Min:0 Max:${max} supported. Supplied length:${supplied}`,
    element,
  });
}

/** Intuit "error codes": 2130. */
export function invalidRequestId(): QboFault {
  return new QboFault({
    code: '2130',
    message: 'Invalid Request Id Format',
    detail: 'Request Id has at most 50 characters, 36 with a batch.',
  });
}

/** Intuit "error codes": 600. */
export function requestIdInUse(): QboFault {
  return new QboFault({
    code: '600',
    message: 'Duplicate Request',
    detail: 'RequestId already exists in the system, duplicate request is detected',
    element: '',
  });
}

/** Intuit "error codes": 2170. */
export function invalidEnum(element: string, supplied: string): QboFault {
  return new QboFault({ code: '2170', message: 'Invalid Enumeration', detail: `Invalid Enumeration : ${supplied}`, element });
}

/** Intuit "error codes": 2210. */
export function invalidEmail(supplied: string): QboFault {
  return new QboFault({
    code: '2210',
    message: 'Invalid Email Address format',
    detail: `The email address does not conform to the proper format. Supplied value:${supplied}`,
    element: 'PrimaryEmailAddr',
  });
}

/** Intuit "error codes": 2250. */
export function linesMissing(): QboFault {
  return new QboFault({ code: '2250', message: 'Lines missing', detail: 'At least one line is required', element: 'Line' });
}

/** Intuit "error codes": 2290. */
export function negativeAmount(element: string): QboFault {
  return new QboFault({ code: '2290', message: 'Negative amount', detail: `${element} can not be negative`, element });
}

/** Intuit "error codes": 2500; the wording of the detail is recorded. */
export function invalidReference(list: string, id: string): QboFault {
  return new QboFault({
    code: '2500',
    message: 'Invalid Reference Id',
    detail: `Invalid Reference Id : ${list} element id ${id} not found`,
    element: '',
  });
}

/** Recorded: 4000 without element. */
export function querySyntax({ encountered, column, expected }: { encountered: string; column: number; expected: string }): QboFault {
  return new QboFault({
    code: '4000',
    message: 'Error parsing query',
    detail: `QueryParserError: Encountered ${encountered} at line 1, column ${column}.\nWas expecting:\n    ${expected}\n    `,
  });
}

/** Recorded: 4001 without element. */
export function queryInvalid(detail: string): QboFault {
  return new QboFault({ code: '4001', message: 'Invalid query', detail });
}

/** Intuit "error codes": 1040. */
export function batchTooLarge(max: number): QboFault {
  return new QboFault({ code: '1040', message: 'Batch size exceeds allowed limit', detail: `A batch has at most ${max} items` });
}

/** Intuit "error codes": 5030. */
export function notSupported(what: string): QboFault {
  return new QboFault({ code: '5030', message: 'Operation not supported', detail: `${what} is not supported`, element: '' });
}

/** Intuit "error codes": 6000; only the detail tells what is meant. */
export function businessRule(sentence: string): QboFault {
  return new QboFault({
    code: '6000',
    message: 'A business validation error has occurred while processing your request',
    detail: `Business Validation Error: ${sentence}`,
    element: '',
  });
}

/** Intuit "error codes": 6010. */
export function accountTypeMissing(): QboFault {
  return new QboFault({
    code: '6010',
    message: 'Account type missing',
    detail: 'An AccountType or AccountSubType is required to create an account',
    element: 'AccountType',
  });
}

/** Intuit "error codes": 6070. */
export function amountMismatch(supplied: number): QboFault {
  return new QboFault({
    code: '6070',
    message: 'Amount calculation incorrect in the request',
    detail: `Amount is not equal to UnitPrice * Qty. Supplied value:${supplied}`,
    element: 'Line.Amount',
  });
}

/** Intuit "error codes": 6100. */
export function invalidTaxCode(): QboFault {
  return new QboFault({
    code: '6100',
    message: 'Invalid tax code',
    detail: 'Tax code for a line of a US company must be TAX or NON',
    element: 'Line.SalesItemLineDetail.TaxCodeRef',
  });
}

/** Recorded: 6140 names the type (in the user's language) and Id of the holder. */
export function duplicateDocNumber({ docNumber, type, id }: { docNumber: string; type: string; id: string }): QboFault {
  return new QboFault({
    code: '6140',
    message: 'Duplicate Document Number Error',
    detail: `Duplicate Document Number Error : You must specify a different number. This number has already been used. DocNumber=${docNumber} is assigned to TxnType=${type} with TxnId=${id}`,
    element: '',
  });
}

/** Intuit "error codes": 6190. */
export function subscriptionEnded(): QboFault {
  return new QboFault({
    code: '6190',
    message: 'Invalid Company Status',
    detail: 'Subscription period has ended or canceled or there was a billing problem : You cannot add data to QuickBooks Online.',
    element: '',
  });
}

/** Intuit "error codes": 6200, and 6210 when the closing date has a password. */
export function booksClosed(password: boolean): QboFault {
  const detail =
    'The account period has closed and the account books cannot be updated through the QBO Services API. Please use the QBO website to make these changes.';
  return new QboFault({
    code: password ? '6210' : '6200',
    message: 'Account Period Closed, Cannot Update Through Services API',
    detail,
    element: '',
  });
}

/** Recorded: 6240; `others` are the lists that share the name. */
export function duplicateName(others: string): QboFault {
  return new QboFault({
    code: '6240',
    message: 'Duplicate Name Exists Error',
    detail: `The name supplied already exists. : Another ${others} is already using this name. Please use a different name.`,
    element: '',
  });
}

/** Intuit "error codes": 6270. */
export function beforeInventoryStart(): QboFault {
  return new QboFault({
    code: '6270',
    message: 'Invalid transaction date',
    detail: 'Transaction date is prior to start date for inventory item',
    element: 'TxnDate',
  });
}

/** Recorded: 6540 for a payment or sales receipt that sits in a deposit. */
export function deposited(): QboFault {
  return new QboFault({
    code: '6540',
    message: 'Deposited Transaction cannot be changed',
    detail:
      'This transaction has been deposited. If you want to change or delete it, you must first edit the deposit it appears on and remove it.',
    element: '',
  });
}

/** Intuit "error codes": SystemFault 10000, an ambiguous outcome. */
export function applicationError(): QboFault {
  return new QboFault(
    {
      code: '10000',
      message: 'An application error has occurred while processing your request',
      detail: 'System Failure Error: An application error has occurred while processing your request',
    },
    { type: 'SystemFault', status: 500 },
  );
}
