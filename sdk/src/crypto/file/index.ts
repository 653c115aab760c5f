export { decodeFileInfo, encodeFileInfo, type FileInfo } from "./info.ts";
export { type FileRange, openFile, openFileRange } from "./open.ts";
export { draftFile, type FileDraft, sealFile } from "./seal.ts";
