-- Wire: bytes as they travel and as they are read. What devices sign and seal is stored as bytea and goes over the API
-- as base64url; the database takes from it what order and access need, at the offsets of docs/protocol.md, and judges
-- nothing else. In plpgsql, whose plans are kept for the session: each of these runs several times for each message.

create function private.to_base64url(value bytea) returns text
  language plpgsql immutable strict parallel safe set search_path = ''
as $$
begin
  -- translate() looks each letter up, which takes three times as long.
  return rtrim(replace(replace(replace(encode(value, 'base64'), '+', '-'), '/', '_'), E'\n', ''), '=');
end;
$$;

-- Bytes of base64url without padding (RFC 4648 §5); refuses every other text of the same bytes. Null is null.
create function private.from_base64url(value text, field text, most integer) returns bytea
  language plpgsql immutable strict set search_path = ''
as $$
declare
  length constant integer := octet_length(value);
begin
  -- The last letter has bits to spare: they are zero in one text alone.
  if length <= most * 4::bigint / 3 + 4
    and value ~ '^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$'
  then
    return decode(replace(replace(value, '-', '+'), '_', '/') || repeat('=', -length & 3), 'base64');
  end if;
  perform private.fail(
    'TK001', 'USAGE_INVALID', format('%s is not base64url without padding, or too long', field), field, null,
    format('base64url of at most %s bytes', most)
  );
end;
$$;

-- Bytes of a JSON list of such texts, `most` texts of `longest` bytes at most; none where there is no list.
create function private.bytes_list(list jsonb, field text, most integer, longest integer) returns bytea[]
  language plpgsql immutable set search_path = ''
as $$
declare
  items constant jsonb := coalesce(nullif(list, 'null'), '[]');
begin
  if jsonb_typeof(items) <> 'array' then
    perform private.refuse_bytes(field, format('a list of at most %s', most));
  end if;
  if jsonb_array_length(items) > most or items @> '[null]' then
    perform private.refuse_bytes(field, format('a list of at most %s, none of them null', most));
  end if;
  return array(
    select private.from_base64url(i.item, field, longest)
    from jsonb_array_elements_text(items) with ordinality as i (item, at)
    order by i.at
  );
end;
$$;

-- An unsigned big-endian integer of `width` bytes, `at` counted from 0. Beyond 2^53 - 1 a number is malformed: every
-- runtime can hold the rest exactly.
create function private.number_at(bytes bytea, at integer, width integer) returns bigint
  language plpgsql immutable strict parallel safe set search_path = ''
as $$
declare
  value constant bigint :=
    ('x' || lpad(encode(substring(bytes from at + 1 for width), 'hex'), 16, '0'))::bit(64)::bigint;
begin
  if value not between 0 and 9007199254740991 then
    perform private.fail('TK001', 'USAGE_INVALID', 'a number is out of range', null, value::text, 'at most 2^53 - 1');
  end if;
  return value;
end;
$$;

create function private.uuid_at(bytes bytea, at integer) returns uuid
  language plpgsql immutable strict parallel safe set search_path = ''
as $$
begin
  return encode(substring(bytes from at + 1 for 16), 'hex')::uuid;
end;
$$;

create function private.bytes_at(bytes bytea, at integer, width integer) returns bytea
  language plpgsql immutable strict parallel safe set search_path = ''
as $$
begin
  return substring(bytes from at + 1 for width);
end;
$$;

create function private.uuid_bytes(id uuid) returns bytea
  language plpgsql immutable strict parallel safe set search_path = ''
as $$
begin
  return uuid_send(id);
end;
$$;

create function private.zeros(width integer) returns bytea
  language plpgsql immutable strict parallel safe set search_path = ''
as $$
begin
  return decode(repeat('00', width), 'hex');
end;
$$;

-- H of docs/protocol.md §2.
create function private.tagged_hash(tag text, bytes bytea) returns bytea
  language plpgsql immutable strict parallel safe set search_path = ''
as $$
begin
  return sha256(convert_to('trackit/1/' || tag, 'UTF8') || '\x00'::bytea || bytes);
end;
$$;

-- The way in which bytes are refused: what, and what is wanted.
create function private.refuse_bytes(what text, rule text) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  perform private.fail('TK001', 'USAGE_INVALID', format('%s is malformed: %s', what, rule), what, null, rule);
end;
$$;

-- One answer for what is not there and for what is not the caller's.
create function private.refuse_room(room uuid) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  perform private.fail('TK600', 'ACCESS_NOT_FOUND', 'no such room, or it is not the caller''s', 'room', room::text);
end;
$$;

-- A row of a room (entry, commit, message, tombstone) as it is read and told.
create function private.row_told(seq bigint, kind text, by_whom uuid, at timestamptz, bytes bytea) returns jsonb
  language plpgsql stable set search_path = '' set timezone = 'UTC'
as $$
begin
  return jsonb_build_object('seq', seq, 'kind', kind, 'by', by_whom, 'at', at, 'bytes', private.to_base64url(bytes));
end;
$$;

-- Executed by the functions that give out rows with the rights of whoever reads.
grant execute on function private.to_base64url(bytea), private.row_told(bigint, text, uuid, timestamptz, bytea)
  to authenticated, service_role;
-- Not granted to users: anything else of this file.
