/** Validates the tensors that a manifest lists. */
import { describe, describeJson } from '../../errors';
import { formatShape, sizeOf, type Shape } from '../../layers/layer';
import { isRecord } from '../../platform/typeGuards';
import { MAX_PROBLEMS } from './checkShards';
import type { WeightEntry } from './manifestTypes';

/**
 * Returns the valid entries and the invalid ones. Invalid ones are reported here and nowhere else.
 */
export function readEntries(
  groups: unknown,
  problems: string[],
): { entries?: WeightEntry[]; unreadable: Partial<WeightEntry>[] } {
  const isGroup = (group: unknown) =>
    isRecord(group) &&
    Array.isArray(group.weights) &&
    Array.isArray(group.paths) &&
    group.paths.every((path) => typeof path === 'string');
  if (!Array.isArray(groups) || !groups.every(isGroup)) {
    problems.push(
      `weightsManifest must be a list of { "paths": [ … ], "weights": [ … ] }, got ${describe(groups)}.`,
    );
    return { unreadable: [] };
  }
  const entries: WeightEntry[] = [];
  const unreadable: Partial<WeightEntry>[] = [];
  for (const entry of groups.flatMap((group) => group.weights as unknown[])) {
    const problem = entryProblem(entry);
    if (problem) {
      if (unreadable.length < MAX_PROBLEMS) problems.push(problem);
      unreadable.push(isRecord(entry) ? entry : {});
    } else entries.push(entry as WeightEntry);
  }
  return { entries, unreadable };
}

function entryProblem(entry: unknown): string | undefined {
  if (!isRecord(entry) || typeof entry.name !== 'string')
    return `a tensor must have a name, got ${describeJson(entry)}.`;
  const { name, shape, dtype, quantization } = entry;
  if (
    !Array.isArray(shape) ||
    shape.length > 8 ||
    !shape.every((side) => Number.isInteger(side) && side > 0) ||
    sizeOf(shape as number[]) > 2 ** 31
  ) {
    return `${name}: shape must be a list of positive integers, got ${describeJson(shape)}.`;
  }
  if (dtype !== 'float32') return `${name}: dtype must be float32, got ${describe(dtype)}.`;
  if (quantization === undefined) return undefined;
  const {
    dtype: stored,
    scale = 1,
    min = 0,
    channelScale = '',
  } = isRecord(quantization) ? quantization : {};
  if (!['uint4', 'uint8', 'uint16', 'float16'].includes(stored as string))
    return `${name}: quantization.dtype must be uint4, uint8, uint16 or float16, got ${describe(stored)}.`;
  if (typeof channelScale !== 'string')
    return `${name}: quantization.channelScale must be the name of a tensor, got ${describe(channelScale)}.`;
  return Number.isFinite(scale) && Number.isFinite(min)
    ? undefined
    : `${name}: quantization must have a finite scale and min.`;
}

/** Checks that `entries` are exactly the `wanted` parameters and their channel scales. */
export function compareNames(
  wanted: Record<string, { shape: Shape }>,
  entries: readonly WeightEntry[],
  unreadable: readonly Partial<WeightEntry>[],
  all: Record<string, unknown>,
): string[] {
  const problems: string[] = [];
  const byName = new Map<string, WeightEntry>();
  const scales = new Set(
    [...entries, ...unreadable].map((entry) => entry.quantization?.channelScale),
  );
  const known = new Set(unreadable.map((entry) => entry.name));
  for (const entry of entries) {
    if (byName.has(entry.name))
      problems.push(`${entry.name}: must be listed once in weightsManifest, got it twice.`);
    byName.set(entry.name, entry);
    if (problems.length >= MAX_PROBLEMS) return problems;
  }
  for (const [name, { shape }] of Object.entries(wanted)) {
    if (problems.length >= MAX_PROBLEMS) return problems;
    const entry = byName.get(name);
    if (!entry) {
      if (!known.has(name))
        problems.push(`${name}: must be stored with the shape ${formatShape(shape)}, got none.`);
    } else if (formatShape(entry.shape) !== formatShape(shape)) {
      problems.push(
        `${name}: shape must be ${formatShape(shape)}, got ${formatShape(entry.shape)}.`,
      );
    }
  }
  for (const { name, shape, quantization } of entries) {
    if (problems.length >= MAX_PROBLEMS) return problems;
    if (!Object.hasOwn(wanted, name) && !scales.has(name)) {
      problems.push(
        `${name}: ${Object.hasOwn(all, name) ? 'must not be stored, since base.layers has its layer' : 'the network has no such parameter'}.`,
      );
    }
    if (quantization?.channelScale === undefined) continue;
    if (known.has(quantization.channelScale)) continue;
    const factors = byName.get(quantization.channelScale);
    if (!factors || factors.quantization || formatShape(factors.shape) !== String(shape.at(-1))) {
      problems.push(
        `${name}: channelScale must name a float32 tensor of ${shape.at(-1)} values, got "${quantization.channelScale}".`,
      );
    } else if (Object.hasOwn(wanted, factors.name)) {
      problems.push(
        `${name}: channelScale must not name a parameter of the network, got "${factors.name}".`,
      );
    }
  }
  return problems;
}
