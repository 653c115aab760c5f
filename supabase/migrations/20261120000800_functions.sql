-- Edge functions: the door that they ask before they work. Instances of a function share no memory, so how often
-- somebody calls is counted here; and a user's token says nothing of an account that was suspended, or of a session
-- that was ended, after it was issued.

-- Counts one call of `bucket` by `caller`, and says whether it is among the `most` of the window that lasts
-- `seconds`. Other than private.rate_limit it does not raise: a refused call is an answer here. `claims` are those
-- of a user's verified token: with them the account must be live, as in a request of its own.
create function private.function_admit(bucket text, caller text, most integer, seconds integer, claims jsonb)
  returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  per constant interval := make_interval(secs => seconds);
  counted private.rate_limits;
begin
  if claims is not null then
    perform set_config('request.jwt.claims', claims::text, true);
    perform private.require_live();
  end if;
  insert into private.rate_limits as known (bucket, caller, window_start, hits)
  values ('function:' || left(bucket, 80), left(private.counted_address(caller), 80), now(), 1)
  on conflict on constraint rate_limits_pkey do update set
    -- No further than one above, where it tells all that there is to tell.
    hits = case when known.window_start <= now() - per then 1 else least(known.hits, most) + 1 end,
    window_start = case when known.window_start <= now() - per then now() else known.window_start end
  returning * into counted;
  return jsonb_build_object(
    'admitted', counted.hits <= most,
    'retry_after', case
      when counted.hits <= most then 0
      else ceil(extract(epoch from counted.window_start + per - now()))::integer
    end
  );
end;
$$;
comment on function private.function_admit(text, text, integer, integer, jsonb) is
  'Whether a caller of an edge function may go on: its account is live and its window is not full.';

create function public.function_admit(
  bucket text, caller text, most integer, seconds integer, claims jsonb default null
) returns jsonb
  language sql volatile security invoker set search_path = ''
  return private.function_admit(bucket, caller, most, seconds, claims);
comment on function public.function_admit(text, text, integer, integer, jsonb) is
  'For edge functions: counts a call and says {admitted, retry_after}; refuses a user whose account is not live.';

-- Functions call as the service role. To anybody else it would be a way to use up a stranger's calls.
grant execute on function
  private.function_admit(text, text, integer, integer, jsonb),
  public.function_admit(text, text, integer, integer, jsonb)
  to service_role;
