-- Devices: each identity's log of keys, as its owner's devices have signed it. The database keeps the order and says
-- who a row is from; whether a row is valid, every reader judges from the signatures (docs/protocol.md §9). So whoever
-- holds a token can insert a row that is void, and harms nobody with it.

-- One log per identity. A user who lost every device begins another identity. No reference to the account: signed rows
-- outlive it under the bare id, since what others said rests on them.
create table public.identities (
  user_id uuid not null,
  root bytea not null,
  rows bigint not null default 0,
  created_at timestamptz not null default now(),
  retired_at timestamptz,
  constraint identities_pkey primary key (user_id, root),
  constraint identities_root_length check (octet_length(root) = 32)
);
-- Serves: whose identity is the present one; there is one at most.
create unique index identities_present_key on public.identities (user_id) where retired_at is null;

create table public.device_log (
  user_id uuid not null,
  root bytea not null,
  seq bigint not null,
  op smallint not null,
  signer uuid not null,
  hash bytea not null,
  entry bytea not null,
  created_at timestamptz not null default now(),
  constraint device_log_pkey primary key (user_id, root, seq),
  constraint device_log_root_fkey foreign key (user_id, root)
    references public.identities (user_id, root) on delete restrict,
  constraint device_log_entry_length check (octet_length(entry) between 260 and 1268)
);

-- What a name hash in the log opens to: erased with the account, while the signed row stays.
create table public.device_names (
  user_id uuid not null,
  root bytea not null,
  seq bigint not null,
  opening bytea not null,
  constraint device_names_pkey primary key (user_id, root, seq),
  constraint device_names_user_id_fkey foreign key (user_id) references public.profiles (id) on delete cascade,
  constraint device_names_opening_length check (octet_length(opening) between 19 and 82)
);

create table public.devices (
  user_id uuid not null,
  root bytea not null,
  id uuid not null,
  kind text not null,
  added_seq bigint not null,
  revoked_seq bigint,
  created_at timestamptz not null default now(),
  constraint devices_pkey primary key (user_id, root, id),
  constraint devices_root_fkey foreign key (user_id, root)
    references public.identities (user_id, root) on delete restrict,
  constraint devices_kind_known check (kind in ('device', 'temporary', 'recovery'))
);

alter table public.identities enable row level security;
alter table public.device_log enable row level security;
alter table public.device_names enable row level security;
alter table public.devices enable row level security;

comment on table public.identities is 'One log of keys each; its root is the hash of the first entry.';
comment on column public.identities.rows is 'Entries in the log, void ones included: the number of the last one.';
comment on column public.identities.retired_at is 'Set when its user began another identity, or was erased.';
comment on table public.device_log is 'Entries as they were signed; docs/protocol.md §9.2. Only ever added to.';
comment on column public.device_log.hash is 'Computed from the entry: SHA-256 under its tag, without the signatures.';
comment on table public.device_names is 'Salt and username behind a name hash of the log.';
comment on table public.devices is 'Keys of the log as the database reads it, for access alone; it cannot tell void rows.';
comment on column public.devices.id is 'First 16 bytes of a hash of user and signing key.';

-- What an entry has to be before anything is looked up.
create function private.check_device_entry(signed bytea) returns void
  language plpgsql stable set search_path = ''
as $$
begin
  if octet_length(signed) between 260 and 1268 and get_byte(signed, 0) = 1 then
    if private.uuid_at(signed, 1) is distinct from auth.uid() then
      perform private.fail('TK604', 'ACCESS_DENIED', 'a device log is written by its own user', 'entry');
    end if;
    if private.number_at(signed, 49, 8) >= 1 and octet_length(signed) = (case get_byte(signed, 89)
      when 1 then 762 when 2 then 244 + 16 * private.number_at(signed, 114, 2) when 3 then 274 when 4 then 307
    end) then
      return;
    end if;
  end if;
  perform private.refuse_bytes('entry', 'a device log entry of version 1 and of its exact length, numbered from 1');
end;
$$;

-- Appends an entry to the log of one of the caller's identities. Safe to repeat: the entry that is there is accepted.
create function private.append_device_entry(entry_text text, opening_text text) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  caller constant uuid := auth.uid();
  signed constant bytea := private.from_base64url(entry_text, 'entry', 1268);
  opening constant bytea := private.from_base64url(opening_text, 'opening', 82);
  next_seq bigint;
  own_root bytea;
  entry_hash bytea;
begin
  perform private.require_live();
  perform private.rate_limit('append_device_entry', 120, interval '1 hour');
  perform private.check_device_entry(signed);
  next_seq := private.number_at(signed, 49, 8);
  entry_hash := private.tagged_hash('device-entry', substring(signed from 1 for octet_length(signed) - 128));
  own_root := case next_seq when 1 then entry_hash else private.bytes_at(signed, 17, 32) end;
  -- One at a time for each user: a second identity retires the first. No call that holds a room waits for this lock; see
  -- hold_people().
  perform pg_advisory_xact_lock(hashtextextended('identities:' || caller, 0));
  if not exists (
    select from public.device_log l
    where l.user_id = caller and l.root = own_root and l.seq = next_seq and l.entry = signed
  ) then
    perform private.store_device_entry(caller, own_root, next_seq, entry_hash, signed, opening);
  end if;
  return jsonb_build_object('seq', next_seq, 'hash', private.to_base64url(entry_hash));
end;
$$;

create function private.store_device_entry(
  owner uuid, own_root bytea, next_seq bigint, entry_hash bytea, signed bytea, opening bytea
) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  if next_seq = 1 then
    perform private.begin_identity(owner, own_root, get_byte(signed, 89));
  end if;
  update public.identities i set rows = i.rows + 1
  where i.user_id = owner and i.root = own_root and i.rows = next_seq - 1 and i.retired_at is null;
  if not found then
    perform private.fail(
      'TK601', 'CONFLICT_STALE_HEADS', format('number %s is not the next of a present log', next_seq), 'entry',
      next_seq::text, 'one above the rows that the log has'
    );
  end if;
  if private.bytes_at(signed, 57, 32) <> private.zeros(32) and not exists (
    select from public.device_log l
    where l.user_id = owner and l.root = own_root and l.hash = private.bytes_at(signed, 57, 32)
  ) then
    perform private.refuse_bytes('entry', 'prev is the hash of an entry of this log');
  end if;
  insert into public.device_log (user_id, root, seq, op, signer, hash, entry)
  values (owner, own_root, next_seq, get_byte(signed, 89), private.uuid_at(signed, 90), entry_hash, signed);
  if opening is not null then
    perform private.check_opening(signed, opening);
    insert into public.device_names (user_id, root, seq, opening) values (owner, own_root, next_seq, opening);
  end if;
  perform private.apply_device_entry(owner, own_root, next_seq, signed);
  insert into private.changes (user_id, table_name, operation, row_ids) values (owner, 'devices', 'update', array[owner]);
end;
$$;

-- A name opening (docs/protocol.md §9.2) is what the entry's name hash was made of, and nothing else is kept there.
create function private.check_opening(signed bytea, opening bytea) returns void
  language plpgsql stable set search_path = ''
as $$
declare
  name_hash constant bytea := case get_byte(signed, 89)
    when 1 then private.bytes_at(signed, 602, 32) when 3 then private.bytes_at(signed, 114, 32)
  end;
begin
  if octet_length(opening) between 19 and 82 and private.number_at(opening, 16, 2) = octet_length(opening) - 18
    and private.tagged_hash('username', substring(opening from 1 for 16) || substring(opening from 19)) = name_hash
  then
    return;
  end if;
  perform private.refuse_bytes('opening', 'salt and username of the name hash in the entry');
end;
$$;

-- The first entry of an identity; the one before it is retired, as if its account were gone from every room.
create function private.begin_identity(owner uuid, new_root bytea, op integer) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  retired bytea;
begin
  if op <> 1 then
    perform private.refuse_bytes('entry', 'a log begins with an added device');
  end if;
  perform private.rate_limit('begin_identity', 10, interval '1 day');
  update public.identities i set retired_at = now()
  where i.user_id = owner and i.retired_at is null
  returning i.root into retired;
  insert into public.identities (user_id, root) values (owner, new_root);
  if retired is not null then
    perform private.erase_identity(owner, retired);
  end if;
end;
$$;

-- What an entry means for access. Rooms owe themselves a commit when a device comes or goes.
create function private.apply_device_entry(owner uuid, log_root bytea, next_seq bigint, entry bytea) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  op constant integer := get_byte(entry, 89);
  named uuid[];
begin
  if op in (1, 4) then
    update public.devices d set revoked_seq = next_seq
    where op = 4 and d.user_id = owner and d.root = log_root and d.kind = 'recovery' and d.revoked_seq is null;
    insert into public.devices (user_id, root, id, kind, added_seq)
    values (
      owner, log_root,
      private.uuid_at(private.tagged_hash(
        'device-id', private.uuid_bytes(owner) || private.bytes_at(entry, case op when 1 then 537 else 114 end, 65)
      ), 0),
      case when op = 4 then 'recovery' when get_byte(entry, 114) = 1 then 'temporary' else 'device' end,
      next_seq
    )
    -- A key that was there before: the entry is void.
    on conflict on constraint devices_pkey do nothing;
  elsif op = 2 then
    named := array(
      select private.uuid_at(entry, 116 + 16 * k) from generate_series(0, private.number_at(entry, 114, 2)::integer - 1) as k
    );
    update public.devices d set revoked_seq = next_seq
    where d.user_id = owner and d.root = log_root and d.revoked_seq is null and d.id = any (named);
  end if;
  perform private.stir_rooms(owner, rekey => op in (1, 2), moves => op = 2);
  if op = 2 then
    -- With all its rooms in hand: one of them may have had a commit for the device under way.
    delete from public.epoch_recipients w where w.user_id = owner and w.device_id = any (named);
  end if;
end;
$$;

create function public.append_device_entry(entry text, opening text default null) returns jsonb
  language sql volatile set search_path = ''
  return private.append_device_entry(entry, opening);
comment on function public.append_device_entry(text, text) is
  'Appends a signed entry to the log of one of the caller''s identities: {seq, hash}. Safe to repeat.';

-- Logs of anybody, from entry `after` on, at most 200 entries each: who has somebody's id, which is not to be guessed,
-- learns which keys to trust and nothing else. Without a root: the present identity.
create function private.read_device_logs(asked jsonb) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.require_live();
  perform private.rate_limit('read_device_logs', 3000, interval '1 hour');
  if jsonb_typeof(asked) is distinct from 'array' or jsonb_array_length(asked) not between 1 and 200 then
    perform private.refuse_bytes('asked', 'a list of 1 to 200 of {user_id, root?, after?}');
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'user_id', i.user_id, 'root', private.to_base64url(i.root), 'rows', i.rows, 'retired', i.retired_at is not null,
      'entries', (
        select coalesce(jsonb_agg(private.to_base64url(l.entry) order by l.seq), '[]') from (
          select d.seq, d.entry from public.device_log d
          where d.user_id = i.user_id and d.root = i.root and d.seq > coalesce((a.item ->> 'after')::bigint, 0)
          order by d.seq limit 200
        ) l
      ),
      'openings', (
        select coalesce(jsonb_object_agg(n.seq, private.to_base64url(n.opening)), '{}')
        from public.device_names n where n.user_id = i.user_id and n.root = i.root
      )
    ) order by a.at), '[]')
    from jsonb_array_elements(asked) with ordinality as a (item, at)
      join public.identities i on i.user_id = (a.item ->> 'user_id')::uuid and case
        when a.item ->> 'root' is not null then i.root = private.from_base64url(a.item ->> 'root', 'root', 32)
        else i.retired_at is null
      end
  );
end;
$$;

create function public.read_device_logs(asked jsonb) returns jsonb
  language sql volatile set search_path = ''
  return private.read_device_logs(asked);
comment on function public.read_device_logs(jsonb) is
  'Logs of [{user_id, root?, after?}], 200 entries each: [{user_id, root, rows, retired, entries, openings}].';

create policy identities_live on public.identities as restrictive for all to public using ((select private.is_live()));
create policy device_log_live on public.device_log as restrictive for all to public using ((select private.is_live()));
create policy device_names_live on public.device_names as restrictive for all to public using ((select private.is_live()));
create policy devices_live on public.devices as restrictive for all to public using ((select private.is_live()));

-- Tables show people their own logs; those of others are asked for by id, with read_device_logs().
create policy identities_select on public.identities for select to authenticated using (user_id = (select auth.uid()));
create policy device_log_select on public.device_log for select to authenticated using (user_id = (select auth.uid()));
create policy device_names_select on public.device_names for select to authenticated using (user_id = (select auth.uid()));
create policy devices_select on public.devices for select to authenticated using (user_id = (select auth.uid()));

grant select on public.identities, public.device_log, public.device_names, public.devices to authenticated, service_role;
grant execute on function
  private.append_device_entry(text, text), public.append_device_entry(text, text),
  private.read_device_logs(jsonb), public.read_device_logs(jsonb)
  to authenticated;
-- Not granted to anyone: writing any of these tables. To anon: nothing.
