/** checkOptions: checks the options of a public function against a table with a rule for each. */
import { OptionsError, describe, suggest } from '../errors';
import { isKind, isPlain } from './typeGuards';

/**
 * The requirement for an option: `text` completes "must be …", and `advice` says what to do.
 * Undefined always fits, unless the option is required.
 */
export interface Rule {
  text: string;
  fits: (value: never) => boolean;
  advice?: string;
  required?: boolean;
}

/** A rule for each option: TypeScript reports an option without one. */
export type Rules<Options> = Readonly<Record<keyof Options, Rule>>;

export const rule = (text: string, fits: Rule['fits'], more?: Partial<Rule>): Rule => ({
  text,
  fits,
  ...more,
});

/** For options that are checked elsewhere. */
export const ANY = /* @__PURE__ */ rule('', () => true);
export const BOOLEAN = /* @__PURE__ */ rule('true or false', (value) => typeof value === 'boolean');
export const CALLBACK = /* @__PURE__ */ rule('a function', (value) => typeof value === 'function');
export const OBJECT = /* @__PURE__ */ rule('an object', isPlain);
export const SIGNAL = /* @__PURE__ */ rule('an AbortSignal', (value) =>
  isKind(value, 'AbortSignal'),
);
export const NUMBER = /* @__PURE__ */ rule('a finite number', Number.isFinite);
export const FROM_ZERO = /* @__PURE__ */ rule(
  'a finite number of at least 0',
  (value) => Number.isFinite(value) && value >= 0,
);

export const integer = (least: number, most = Infinity, more?: Partial<Rule>): Rule =>
  rule(
    `an integer ${most < Infinity ? `from ${least} to ${most}` : `of at least ${least}`}`,
    (value) => Number.isInteger(value) && value >= least && value <= most,
    more,
  );

export const oneOf = (...values: readonly unknown[]): Rule =>
  rule(
    values
      .map((value) => (typeof value === 'string' ? `'${value}'` : value))
      .join(', ')
      .replace(/, ([^,]*)$/, ' or $1'),
    (value) => values.includes(value),
  );

/** Throws an OptionsError unless `options` is a plain object. */
export function checkObject(where: string, options: unknown): void {
  if (!isPlain(options))
    throw new OptionsError(`${where}: options must be an object, got ${describe(options)}.`);
}

/** Throws an OptionsError unless `value` fits the rule of the option `name`. */
export function checkOption(
  where: string,
  name: string,
  value: unknown,
  { text, fits, advice, required }: Rule,
): void {
  if (value === undefined ? required : !fits(value as never))
    throw new OptionsError(
      `${where}: ${name} must be ${text}, got ${describe(value)}.${advice ? ` ${advice}` : ''}`,
    );
}

/** Throws an OptionsError for a name that is not known, so that a misspelled one is not ignored. */
export function checkKnown(where: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new OptionsError(
      `${where}: unknown option ${describe(unknown)}. ${suggest(unknown, known)}`,
    );
}

/**
 * Throws an OptionsError unless `options` is a plain object whose keys are known and whose values
 * fit their rules.
 */
export function checkOptions<Options extends object>(
  where: string,
  options: Options,
  rules: Rules<Options>,
): void {
  checkObject(where, options);
  const known = Object.keys(rules) as (keyof Options & string)[];
  checkKnown(where, options, known);
  for (const name of known) checkOption(where, name, options[name], rules[name]);
}
