import { judgementOf } from '../judging/judgement.js';
import { rules } from '../rules/index.js';
import { runRule } from '../running/run-rule.js';
import { loadSubject } from '../subject.js';
import type { RuleJob } from './isolated-judge.js';
import { say } from './say.js';

const { id, url, seed, scale } = JSON.parse(process.argv[2] as string) as RuleJob;
const rule = rules.find((candidate) => candidate.id === id);
if (rule === undefined) throw new Error(`There is no rule ${id}`);
const result = await runRule(rule, await loadSubject(url), { seed, scale });
await say(judgementOf(result));
// What a failed rule leaves behind may keep the process alive. Only a rule that passed has to end by itself.
if (result.outcome === 'failed') process.kill(process.pid, 'SIGKILL');
