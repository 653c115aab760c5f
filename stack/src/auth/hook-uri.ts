/** A hook that is a function of the project's database; its schema and name are plain identifiers. */
export const HOOK_URI = /^pg-functions:\/\/postgres\/([A-Za-z_]\w*)\/([A-Za-z_]\w*)$/;
