-- Calls for what a user's own devices leave for each other: approvals, backups, the vault. All are safe to repeat, and
-- bounded.

-- A new device asks to be approved: 585 bytes of docs/protocol.md §10.3. The sixth request makes the oldest go.
create function private.request_approval(request_text text) returns uuid
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  posted constant bytea := private.from_base64url(request_text, 'request', 585);
  asked uuid;
begin
  perform private.require_live();
  perform private.rate_limit('request_approval', 30, interval '1 hour');
  if octet_length(posted) is distinct from 585 or get_byte(posted, 0) <> 1
    or private.uuid_at(posted, 1) is distinct from auth.uid()
  then
    perform private.refuse_bytes('request', 'the caller''s own request for approval, version 1');
  end if;
  asked := private.uuid_at(posted, 17);
  delete from public.device_approvals a
  where a.user_id = auth.uid() and a.id <> asked and a.id not in (
    select b.id from public.device_approvals b
    where b.user_id = auth.uid() and b.id <> asked and b.created_at > now() - interval '1 day'
    order by b.created_at desc limit 4
  );
  insert into public.device_approvals (id, user_id, request) values (asked, auth.uid(), posted)
  on conflict on constraint device_approvals_pkey do nothing;
  if not exists (
    select from public.device_approvals a
    where a.id = asked and a.user_id = auth.uid() and a.request = posted
  ) then
    perform private.fail('TK005', 'CONFLICT_ID', 'another request has this id', 'request', asked::text);
  end if;
  insert into private.changes (user_id, table_name, operation, row_ids)
  values (auth.uid(), 'device_approvals', 'insert', array[asked]);
  return asked;
end;
$$;

-- An older device answers, and may answer again: where the log's number was burned meanwhile it has to.
create function private.answer_approval(id uuid, answer_text text) returns boolean
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  posted constant bytea := private.from_base64url(answer_text, 'answer', 4194304);
begin
  perform private.require_live();
  perform private.rate_limit('answer_approval', 60, interval '1 hour');
  if octet_length(posted) is null or octet_length(posted) < 200 or get_byte(posted, 0) <> 1
    or private.uuid_at(posted, 1) is distinct from answer_approval.id
  then
    perform private.refuse_bytes('answer', 'an answer to this request, version 1');
  end if;
  update public.device_approvals a set answer = posted, answered_at = now()
  where a.id = answer_approval.id and a.user_id = auth.uid() and a.created_at > now() - interval '1 day';
  if not found then
    perform private.fail('TK600', 'ACCESS_NOT_FOUND', 'no open request for approval', 'id', id::text);
  end if;
  insert into private.changes (user_id, table_name, operation, row_ids)
  values (auth.uid(), 'device_approvals', 'update', array[id]);
  return true;
end;
$$;

-- The caller's requests of the last day, newest first; an answer is as large as its user's rooms are many, so it comes
-- for one request alone.
create function public.my_approvals(wanted uuid default null) returns jsonb
  language sql stable set search_path = '' set timezone = 'UTC'
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', a.id, 'created_at', a.created_at, 'answered', a.answer is not null,
      'request', private.to_base64url(a.request),
      'answer', case when a.id = wanted then private.to_base64url(a.answer) end
    ) order by a.created_at desc), '[]')
    from public.device_approvals a
    where a.user_id = (select auth.uid()) and a.created_at > now() - interval '1 day' and (wanted is null or a.id = wanted)
  );

-- Replaces the caller's backup by a later one: numbers only rise.
create function private.put_backup(backup_text text) returns bigint
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  backup constant bytea := private.from_base64url(backup_text, 'backup', 16777216);
  counted bigint;
begin
  perform private.require_live();
  perform private.rate_limit('put_backup', 60, interval '1 hour');
  if octet_length(backup) is null or octet_length(backup) < 145 or get_byte(backup, 0) <> 1
    or private.uuid_at(backup, 1) is distinct from auth.uid() or not exists (
      select from public.identities i where i.user_id = auth.uid() and i.root = private.bytes_at(backup, 17, 32)
    )
  then
    perform private.refuse_bytes('backup', 'a backup of one of the caller''s identities, version 1');
  end if;
  counted := private.number_at(backup, 65, 8);
  insert into public.backups as b (user_id, root, number, backup)
  values (auth.uid(), private.bytes_at(backup, 17, 32), counted, backup)
  on conflict on constraint backups_pkey do update
    set number = excluded.number, backup = excluded.backup, created_at = now()
    where b.number < excluded.number or b.number = excluded.number and b.backup = excluded.backup;
  if not found then
    perform private.fail(
      'TK607', 'CONFLICT_VERSION', format('number %s is not later than the backup that is there', counted), 'backup',
      counted::text, 'one higher than the last'
    );
  end if;
  return counted;
end;
$$;

create function public.my_backup() returns jsonb
  language sql stable set search_path = '' set timezone = 'UTC'
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'root', private.to_base64url(b.root), 'number', b.number, 'backup', private.to_base64url(b.backup), 'at', b.created_at
    ) order by b.created_at desc), '[]')
    from public.backups b where b.user_id = (select auth.uid())
  );

-- Up to 100 items for one's own self rooms, each of the next version, or the one that is there. Whose room an item names
-- is not asked: nobody else ever reads it. Devices take turns: each has an order of its own, and sees with the lock how much
-- there is.
create function private.put_vault_items(list jsonb) returns integer
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  sealed constant bytea[] := private.bytes_list(list, 'items', 100, 65536);
begin
  perform private.require_live();
  perform pg_advisory_xact_lock(hashtextextended('vault:' || auth.uid(), 0));
  for k in 1 .. cardinality(sealed) loop
    perform private.put_vault_item(sealed[k]);
  end loop;
  if exists (
    select from public.vault_items v where v.user_id = auth.uid()
    having count(*) > 20000 or sum(octet_length(v.sealed)) > 67108864
  ) then
    perform private.fail(
      'TK605', 'LIMIT_SIZE', 'a vault holds at most 20,000 items and 64 MiB', 'items', null, 'at most 20,000 items, 64 MiB'
    );
  end if;
  return cardinality(sealed);
end;
$$;

create function private.put_vault_item(sealed bytea) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  if octet_length(sealed) not between 155 and 65536 or get_byte(sealed, 0) <> 1 or get_byte(sealed, 58) not between 1 and 7
    or private.number_at(sealed, 75, 8) < 1
  then
    perform private.refuse_bytes('items', 'vault items of version 1, at most 64 KiB each');
  end if;
  insert into public.vault_items as v (user_id, room_id, kind, item, item_version, epoch, sealed)
  values (
    auth.uid(), private.uuid_at(sealed, 2), get_byte(sealed, 58), private.uuid_at(sealed, 59),
    private.number_at(sealed, 75, 8), private.number_at(sealed, 18, 8), sealed
  )
  on conflict on constraint vault_items_pkey do update
    set item_version = excluded.item_version, epoch = excluded.epoch, sealed = excluded.sealed, updated_at = clock_timestamp()
    where excluded.item_version = v.item_version + 1 and excluded.epoch >= v.epoch or excluded.sealed = v.sealed;
  if not found then
    perform private.fail(
      'TK607', 'CONFLICT_VERSION', 'another device has written this item', 'items', private.uuid_at(sealed, 59)::text,
      'one version above the one that is there, of no older epoch'
    );
  end if;
end;
$$;

create function public.vault_items_since(after timestamptz default null, "limit" integer default 200) returns jsonb
  language sql stable set search_path = '' set timezone = 'UTC'
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'kind', v.kind, 'item', v.item, 'at', v.updated_at, 'sealed', private.to_base64url(v.sealed)
    ) order by v.updated_at, v.kind, v.item), '[]')
    from (
      select * from public.vault_items i
      where i.user_id = (select auth.uid()) and i.updated_at > coalesce(after, '-infinity')
      order by i.updated_at, i.kind, i.item limit least(greatest(coalesce("limit", 200), 1), 500)
    ) v
  );

create function public.request_approval(request text) returns uuid
  language sql volatile set search_path = '' return private.request_approval(request);
create function public.answer_approval(id uuid, answer text) returns boolean
  language sql volatile set search_path = '' return private.answer_approval(id, answer);
create function public.put_backup(backup text) returns bigint
  language sql volatile set search_path = '' return private.put_backup(backup);
create function public.put_vault_items(items jsonb) returns integer
  language sql volatile set search_path = '' return private.put_vault_items(items);

comment on function public.request_approval(text) is 'Posts a new device''s request for approval; gives its id. Safe to repeat.';
comment on function public.answer_approval(uuid, text) is 'Answers one of the caller''s own requests for approval.';
comment on function public.my_approvals(uuid) is 'The caller''s requests of the last day; one of them with its answer.';
comment on function public.put_backup(text) is 'Stores a backup for a recovery code; numbers only rise.';
comment on function public.my_backup() is 'The caller''s backups, one per identity: [{root, number, backup, at}].';
comment on function public.put_vault_items(jsonb) is 'Stores up to 100 sealed items; CONFLICT_VERSION where another device was first.';
comment on function public.vault_items_since(timestamptz, integer) is
  'Items written after a time, oldest first: [{kind, item, at, sealed}], at most `limit` (200, up to 500).';

grant execute on function
  private.request_approval(text), public.request_approval(text),
  private.answer_approval(uuid, text), public.answer_approval(uuid, text), public.my_approvals(uuid),
  private.put_backup(text), public.put_backup(text), public.my_backup(),
  private.put_vault_items(jsonb), public.put_vault_items(jsonb), public.vault_items_since(timestamptz, integer)
  to authenticated;
-- Not granted to anyone: any other function of this file. To anon: nothing.
