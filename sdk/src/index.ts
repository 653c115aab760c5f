export type { Activities, Activity, ActivityFilter } from "./activities/types.ts";
export type {
  Auth,
  AuthEvent,
  Factor,
  MailKind,
  MailProof,
  Remember,
  Session,
  SessionInfo,
  SignInInput,
  SignUpInput,
  TotpEnrolment,
  User,
} from "./auth/types.ts";
export type {
  ApprovalRequest,
  BlockedPerson,
  ChatAlarm,
  ChatOptions,
  Device,
  DeviceNotice,
  Devices,
  DevicesEvents,
  EvidenceOptions,
  InviteInput,
  KnownIdentity,
  Message,
  MessageContent,
  MessageProblem,
  MessageStatus,
  NewContent,
  NewRecoveryCode,
  NewRoom,
  OpenRequest,
  ReadProgress,
  Recovered,
  Recovery,
  RecoveryState,
  RecoveryStatus,
  Room,
  RoomEvents,
  RoomExportOptions,
  RoomHistory,
  RoomInvite,
  RoomKind,
  RoomMember,
  RoomPresence,
  RoomReset,
  RoomRole,
  RoomSummary,
  Rooms,
  SendOptions,
  UnrecoveredRoom,
} from "./chat/types.ts";
export { createTrackIt } from "./client.ts";
export {
  ERROR_CODES,
  type ErrorCode,
  isTrackItError,
  isVersionConflict,
  TrackItError,
  type VersionConflict,
} from "./errors.ts";
export type { Folder, Folders } from "./files/folder-types.ts";
export type {
  Attachment,
  BegunUpload,
  DownloadOptions,
  FileFilter,
  FilePatch,
  FileProblem,
  FileRef,
  FileSource,
  FileVersion,
  OpenedFile,
  Progress,
  SendFilesOptions,
  SharedFile,
  StoredFile,
  TransferOptions,
  Upload,
  UploadOptions,
} from "./files/types.ts";
export type { Files } from "./files/verbs.ts";
export type {
  Goal,
  GoalFilter,
  GoalPatch,
  GoalStatus,
  Goals,
  GoalWithTasks,
  NewGoal,
} from "./goals/types.ts";
export type { Limit, Limits } from "./limits/types.ts";
export type {
  Change,
  ConnectionState,
  LiveConnection,
  Presence,
  PresenceOptions,
  Present,
  Watch,
  WatchOptions,
} from "./live/types.ts";
export type { Mail, MailPreference } from "./mail/types.ts";
export type {
  FailedWrite,
  FlushReport,
  OfflineOptions,
  Outbox,
  OutboxChange,
  PendingWrite,
} from "./outbox/types.ts";
export type { Profile, ProfilePatch, Profiles, PublicProfile } from "./profiles/types.ts";
export type {
  Duration,
  OpenedShare,
  Share,
  SharedWith,
  ShareEvent,
  ShareOptions,
  SharePatch,
  Shares,
} from "./shares/types.ts";
export type { KeyValue, Store, StoreChange } from "./store/types.ts";
export type { NewTask, Task, TaskFilter, TaskPatch, TaskStatus, Tasks } from "./tasks/types.ts";
export type { AppClient, TrackIt, TrackItOptions } from "./trackit.ts";
export type {
  ExportOptions,
  ExportStream,
  ImportFailure,
  ImportOptions,
  ImportProgress,
  ImportReport,
  TransferFormat,
} from "./transfer/types.ts";
export type * from "./types.ts";
