/** What holds of files whatever was done at once: each a statement that gives 0. */
export const fileFacts: Record<string, string> = {
  "bytes counted are those of versions": counted("bytes", "public.file_versions", "sum(size)"),
  "files counted are those outside the trash": counted("files", "public.files where deleted_at is null"),
  "folders counted are those outside the trash": counted(
    "folders",
    "public.folders where deleted_at is null",
  ),
  "no more bytes than the quota": `
    select count(*) from (
      select sum(size) as held, private.limit_of(owner_id, 'bytes') as most from public.file_versions group by owner_id
    ) o where held > most`,
  "no file without a version": `
    select count(*) from public.files f where not exists (select from public.file_versions v where v.file_id = f.id)`,
  "a ready file's present version is ready and has its bytes": `
    select count(*) from public.files f where f.state = 'ready' and not exists (
      select from public.file_versions v join storage.objects o on o.name = v.path
      where v.file_id = f.id and v.number = f.content_version and v.state = 'ready' and v.size = f.size
        and (o.metadata ->> 'size')::bigint = v.size)`,
  "no version has a number that the file has not given": `
    select count(*) from public.files f join public.file_versions v on v.file_id = f.id
    where v.number > f.last_number or v.owner_id <> f.owner_id`,
  "an object without a version is on its way out": `
    select count(*) from storage.objects o
    where not exists (select from public.file_versions v where v.path = o.name)
      and not exists (select from private.removals r where r.path = o.name and r.removed_at is null)`,
  "no path is doomed that there is a version of": `
    select count(*) from private.removals r join public.file_versions v on v.path = r.path`,
  "what was removed is gone, and is doomed once": `
    select count(*) from private.removals r where r.removed_at is not null
      and exists (select from storage.objects o where o.name = r.path)
      or exists (select from private.removals s where s.path = r.path and s.id <> r.id)`,
  "nothing outside the trash lies in it": `
    select count(*) from public.folders d where d.deleted_at is not null and (
      exists (select from public.files f where f.folder_id = d.id and f.deleted_at is null)
      or exists (select from public.folders c where c.parent_id = d.id and c.deleted_at is null))`,
  "folders have their depth": `
    select count(*) from public.folders d left join public.folders p on p.id = d.parent_id
    where d.depth <> coalesce(p.depth, 0) + 1`,
  "what lies in a folder is its owner's": `
    select count(*) from public.folders d
    where exists (select from public.files f where f.folder_id = d.id and f.owner_id <> d.owner_id)
      or exists (select from public.folders c where c.parent_id = d.id and c.owner_id <> d.owner_id)`,
  "a room has a file from a version on that there was": `
    select count(*) from public.files f
    where (f.room_id is null) <> (f.room_since is null) or f.room_since > f.last_number`,
  "what is shared with somebody was there": `
    select count(*) from public.share_users s left join public.files f on f.id = s.file_id
    where f.state is distinct from 'ready' or s.owner_id <> f.owner_id or s.since > f.last_number`,
  "a link was opened as often as is noted, and no more than it may": `
    select count(*) from public.shares s cross join lateral (
      -- Of this link: there may have been one of its id before.
      select count(*) as n from public.share_events e where e.share_id = s.id and e.kind = 'opened' and e.created_at > (
        select max(m.created_at) from public.share_events m where m.share_id = s.id and m.kind = 'created')
    ) opened where s.downloads <> opened.n or s.downloads > s.max_downloads`,
  "a link that was revoked has no grants, any other no more than openings": `
    select count(*) from public.shares s cross join lateral (
      select count(*) as n from private.share_grants g where g.share_id = s.id
    ) given where given.n > case when s.revoked_at is null then s.downloads else 0 end`,
};

/** Of how many owners the count that is kept is another than that of `rows`. */
function counted(kind: string, rows: string, count = "count(*)"): string {
  return `
    select count(*) from (select owner_id, ${count} as n from ${rows} group by owner_id) there
      full join (select owner_id, held from private.holdings where kind = '${kind}') h using (owner_id)
    where coalesce(n, 0) <> coalesce(held, 0)`;
}
