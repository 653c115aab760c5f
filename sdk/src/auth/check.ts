import type * as z from "zod/mini";

type Account = typeof import("../schema/account.ts");
type Name = { [Key in keyof Account]: Account[Key] extends z.ZodMiniType ? Key : never }[keyof Account];

/**
 * Checks input by one of the account schemas, which load with the first call: a page that only shows who is signed
 * in does not carry them.
 *
 * @throws USAGE_INVALID or USAGE_UNKNOWN_FIELD with field, value and rule.
 */
export async function checkedAccount<Key extends Name>(
  name: Key,
  input: unknown,
  action: string,
): Promise<z.output<Account[Key]>> {
  const [account, { checked }] = await Promise.all([
    import("../schema/account.ts"),
    import("../failure/usage.ts"),
  ]);
  const schema: z.ZodMiniType = account[name];
  return checked(schema, input, action) as z.output<Account[Key]>;
}
