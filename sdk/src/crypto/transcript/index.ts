export { addRow, forgetRows, isOnTranscript, startTranscript, type Transcript } from "./transcript.ts";
