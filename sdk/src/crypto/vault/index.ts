export { itemHead, openItem, sealItem, type VaultEpoch, type VaultItem, type VaultPayload } from "./vault.ts";
