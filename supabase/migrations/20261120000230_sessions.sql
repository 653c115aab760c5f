-- Sessions: which devices are signed in, and ending one of them. Auth keeps them and has no call for either.

-- The caller's sessions, one per device that is signed in.
create function private.my_sessions()
  returns table (id uuid, created_at timestamptz, last_used_at timestamptz, user_agent text, ip text, current boolean)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform private.require_live();
  return query
    select s.id, s.created_at, coalesce(s.refreshed_at at time zone 'UTC', s.updated_at), s.user_agent,
      host(s.ip), s.id = private.session_id()
    from auth.sessions s
    where s.user_id = auth.uid() and (s.not_after is null or s.not_after > now())
    order by s.created_at desc, s.id;
end;
$$;
grant execute on function private.my_sessions() to authenticated;

create function public.my_sessions()
  returns table (id uuid, created_at timestamptz, last_used_at timestamptz, user_agent text, ip text, current boolean)
  language sql stable set search_path = ''
  begin atomic
    select s.id, s.created_at, s.last_used_at, s.user_agent, s.ip, s.current from private.my_sessions() s;
  end;
comment on function public.my_sessions() is 'The caller''s open sessions, newest first; `current` is the one that asks.';
grant execute on function public.my_sessions() to authenticated;

-- Signs one device out. Its refresh tokens go with the session, its access token is dead with the next request.
create function private.revoke_session(session_id uuid) returns boolean
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.require_live();
  delete from auth.sessions s where s.id = revoke_session.session_id and s.user_id = auth.uid();
  return found;
end;
$$;
grant execute on function private.revoke_session(uuid) to authenticated;

create function public.revoke_session(session_id uuid) returns boolean
  language sql volatile set search_path = ''
  return private.revoke_session(session_id);
comment on function public.revoke_session(uuid) is
  'Ends one of the caller''s sessions at once; false when there is no such session.';
grant execute on function public.revoke_session(uuid) to authenticated;
