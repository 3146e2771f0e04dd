/** The same methods without their promises: SQLite answers at once, the port's promises are added around it. */
export type SyncMethods<Methods> = {
  [Name in keyof Methods]: Methods[Name] extends (...args: infer Args) => Promise<infer Result> ? (...args: Args) => Result : never;
};
