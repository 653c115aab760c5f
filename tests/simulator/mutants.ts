import { DEVICE_RULES } from "../../sdk/src/crypto/device-log/index.ts";
import { COMMIT_RULES } from "../../sdk/src/crypto/epoch/index.ts";
import type { Group, GroupEffect, Rules } from "../../sdk/src/crypto/group/index.ts";
import { MESSAGE_RULES } from "../../sdk/src/crypto/message/index.ts";
import { ROOM_RULES } from "../../sdk/src/crypto/room-log/index.ts";

interface Step {
  before: Group;
  state: Group;
  effect: GroupEffect;
}

/** Honest apps with one rule missing: the simulator has to notice. */
export interface Mutant {
  name: string;
  rules?: Rules;
  deviceRules?: typeof DEVICE_RULES;
  after?: (step: Step) => { state: Group; effect: GroupEffect };
  /** Reads no further after a void commit. */
  blocks?: boolean;
  /** Late signatures stay on the screen. */
  forgetsCuts?: boolean;
  /** Sends to whom the last commit names, whatever the device logs say by now. */
  ignoresLogs?: boolean;
}

export const NONE: Mutant = { name: "every rule" };

const without = <Rule extends readonly [string, ...unknown[]]>(
  rules: readonly Rule[],
  ...reasons: string[]
) => rules.filter(([reason]) => !reasons.includes(reason));
const commit = (...reasons: string[]): Rules => ({ commit: without(COMMIT_RULES, ...reasons) });
const message = (...reasons: string[]): Rules => ({ message: without(MESSAGE_RULES, ...reasons) });
const room = (...reasons: string[]): Rules => ({ room: without(ROOM_RULES, ...reasons) });

/** One for each of the rules that hold everything together, by its number there. */
export const GROUND_RULES: readonly Mutant[] = [
  { name: "1 a void commit stops a room instead of burning its number", blocks: true },
  { name: "2 a wrap that does not open makes the epoch void", after: split },
  { name: "3 a commit may name other devices than the logs", rules: commit("devices") },
  { name: "4 heads may go back", rules: commit("head", "members", "devices") },
  {
    name: "5 nobody compares histories",
    rules: commit("seen"),
    after: ({ state, effect }) => ({ state, effect: deaf(effect) }),
  },
  { name: "6 late signatures count", rules: commit("cut"), forgetsCuts: true },
  { name: "7 a revocation that is known changes nothing", ignoresLogs: true },
];

/** One for each check of the specification that a single row can break. */
export const CHECKS: readonly Mutant[] = [
  { name: "message: signature", rules: message("signature") },
  { name: "message: epoch", rules: message("epoch", "device") },
  { name: "message: replay", rules: message("replay", "equivocation", "sequence") },
  { name: "message: equivocation", rules: message("equivocation", "sequence") },
  { name: "message: sequence", rules: message("sequence") },
  { name: "message: columns", rules: message("columns") },
  { name: "commit: signature", rules: commit("signature") },
  { name: "commit: place", rules: commit("place") },
  { name: "commit: members", rules: commit("members", "devices") },
  { name: "room log: signature", rules: room("signature") },
  { name: "room log: right", rules: room("right") },
  { name: "room log: place", rules: room("place") },
  { name: "device log: signature", deviceRules: without(DEVICE_RULES, "signature") },
];

function split({ before, state, effect }: Step) {
  if (!effect.epoch || effect.readable || !before.keys.size) return { state, effect };
  const { transcript } = state.room;
  return {
    state: { ...before, room: { ...before.room, transcript } },
    effect: { verdict: { void: "signature" } } as GroupEffect,
  };
}

function deaf({ alarm: _, ...effect }: GroupEffect): GroupEffect {
  return effect.message ? { ...effect, message: { ...effect.message, alarm: false } } : effect;
}
