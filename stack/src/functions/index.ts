export { createFunctions, type FunctionsPart } from "./functions.ts";
export type { FunctionsOptions } from "./options.ts";
