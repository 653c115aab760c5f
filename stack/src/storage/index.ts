export { checkStorage, type StorageConfig, storageDefaults } from "./settings.ts";
export { createStorage, type StorageOptions } from "./storage.ts";
