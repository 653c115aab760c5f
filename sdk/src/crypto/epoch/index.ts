export {
  type AppliedCommit,
  applyCommit,
  COMMIT_RULES,
  type CommitVoid,
  type Dropped,
} from "./apply.ts";
export { type Audience, audience, newcomers } from "./audience.ts";
export { changed, due } from "./due.ts";
export {
  type Commit,
  type CommitReason,
  commitHash,
  decodeCommit,
  encodeCore,
  encodeList,
  type Recipient,
} from "./layout.ts";
export { type CommitDraft, type MadeCommit, makeCommit, recipients } from "./make.ts";
export { learnPast } from "./past.ts";
export {
  type EpochSecret,
  isSecretOf,
  keyCommitment,
  makeSecret,
  messageRoot,
  openEpoch,
  type Unwrap,
  wrapLabel,
} from "./secret.ts";
export { type Epoch, type EpochRoom, type Epochs, inEpoch, type PastEpoch, startEpochs } from "./state.ts";
