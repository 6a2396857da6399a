import assert from 'node:assert/strict';
import { type Driver, type DriverCapabilities, Entry } from '@polyring/core';
import type { Rule } from '../rule.js';
import type { RuleContext } from './context.js';
import { featureUses, type UsedFeature } from './feature-uses.js';

/** What is to be done with a rule: run a check, or skip the rule for a reason. */
export type Applicability =
  | { readonly check: Rule['check']; readonly reason?: string }
  | { readonly check?: undefined; readonly reason: string };

/** Why a rule does not apply to a driver of these capabilities; undefined if it does. */
export function inapplicable({ needs, unless }: Rule, supports: DriverCapabilities): string | undefined {
  if (needs !== undefined && supports[needs] !== true) {
    return `driver.supports.${needs} is false: the rules for drivers without it apply`;
  }
  if (unless !== undefined && supports[unless] === true) {
    return `driver.supports.${unless} is true: the rules for drivers with it apply`;
  }
  return undefined;
}

/**
 * Asks the driver, and nothing else, which check of a rule applies. A capability that the
 * driver lacks skips the rule in favour of its opposite; an opcode or a feature that it lacks turns
 * the check into its opposite.
 */
export async function applicabilityOf(rule: Rule, context: RuleContext): Promise<Applicability> {
  const { needs, unless, opcodes = [], features = [] } = rule;
  const hasTerms = needs !== undefined || unless !== undefined || opcodes.length > 0 || features.length > 0;
  if (!hasTerms) return { check: rule.check };
  const driver = await context.createDriver();
  const inapplicability = inapplicable(rule, driver.supports);
  if (inapplicability !== undefined) return { reason: inapplicability };
  const lacking = opcodes.filter((opcode) => !driver.ioUringProbe(opcode));
  if (lacking.length > 0) {
    const reason = `ioUringProbe is false for opcode ${lacking.join(', ')}: checked that it is refused`;
    return { check: () => refusesOpcodes(driver, lacking), reason };
  }
  const missing = features.filter((feature) => !driver.ioUring.features[feature]);
  if (missing.length > 0) {
    const reason = `ioUring.features.${missing.join(', ')} is false: checked that it is refused`;
    return { check: () => refusesFeatures(context, driver, missing), reason };
  }
  return { check: rule.check };
}

/** Throws unless each opcode is refused as unsupported. */
export async function refusesOpcodes(driver: Driver, opcodes: readonly number[]): Promise<void> {
  for (const opcode of opcodes) {
    await assert.rejects(driver.ioUringSubmit(Entry.unsafe({ opcode })), { code: 'ERR_POLYRING_UNSUPPORTED' });
  }
}

/** Throws unless what each feature is for is refused as unsupported. */
async function refusesFeatures(context: RuleContext, driver: Driver, features: readonly UsedFeature[]): Promise<void> {
  for (const feature of features) {
    await assert.rejects(async () => featureUses[feature](driver, context), { code: 'ERR_POLYRING_UNSUPPORTED' });
  }
}
