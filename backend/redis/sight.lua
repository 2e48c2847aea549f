-- SPDX-License-Identifier: GPL-2.0-or-later
-- One sighting, decided whole (sighej_store_sight()): -1 no such session, above 0 limited for so
-- many seconds, 0 no match, else what tell_sighted() reads. A token nobody stands behind takes the
-- same way as any other, with our own session in the peer's place and nothing shared (T-03).
local id, first, worker, own_token, detected, policy = unpack (ARGV)
local burst, step = tonumber (ARGV[7]), tonumber (ARGV[8])
local call = redis.call
local time = call ('TIME')
local now = time[1] * 1000000 + time[2]

local function resolve (token)
  local text = call ('GET', 'tok:' .. token)
  if text and tonumber (text:sub (1, 16)) <= now and tonumber (text:sub (17, 32)) > now then
    return text:sub (33)
  end
end

-- The one who reports

if first == '' then
  first = call ('GET', 'id:' .. id)
  if not first then return -1 end
end
local own_key = 'session:' .. first
local own = call ('HMGET', own_key, 'core', 'at', 'tat')
local own_core, own_at = own[1], own[2]
if not own_core or own_core:sub (70, 105) ~= id then return -1 end
local own_expires = tonumber (own_core:sub (1, 16))
local own_opening, own_handle = own_core:sub (17, 48), own_core:sub (49, 64)
if own_expires <= now then return -1 end
if burst > 0 then
  local full = math.max (tonumber (own[3]), now) + step
  local ahead = full - now - step * burst
  if ahead > 0 then return math.ceil (ahead / 1000000) end
  call ('HSET', own_key, 'tat', string.format ('%d', full))
end
if own_token ~= '' and resolve (own_token) ~= first then return -1 end

-- The one who was seen

local peer_first = resolve (detected)
local peer_key = 'session:' .. (peer_first or first)
local peer = call ('HMGET', peer_key, 'core', 'at')
local peer_core, peer_at = peer[1], peer[2]
local peer_expires = tonumber (peer_core:sub (1, 16))
local peer_opening, peer_handle = peer_core:sub (17, 48), peer_core:sub (49, 64)
local own_hashes, peer_hashes = own_core:sub (106), peer_core:sub (106)
if not peer_first or peer_expires <= now then
  peer_first = nil
  peer_hashes = string.rep (own_opening, #own_hashes / 32)
end

-- What they share, under a day both have hashes of: the session of the earlier one has tomorrow's

local own_day, peer_day = tonumber (own_core:sub (65, 69)), tonumber (peer_core:sub (65, 69))
if own_day < peer_day then
  own_hashes = peer_day - own_day == 1 and call ('HGET', own_key, 'interests_hash_next') or ''
elseif own_day > peer_day then
  peer_hashes = own_day - peer_day == 1 and call ('HGET', peer_key, 'interests_hash_next') or ''
end
local shared = {}
for i = 0, #own_hashes / 16 - 1 do
  local hash = own_hashes:sub (16 * i + 1, 16 * i + 16)
  local at = peer_hashes:find (hash, 1, true)
  while at and (at - 1) % 16 ~= 0 do at = peer_hashes:find (hash, at + 1, true) end
  if at then shared[#shared + 1] = { i, (at - 1) / 16, hash } end
end
if #shared > @SHARED_MAX@ then
  table.sort (shared, function (a, b)
    local rank_a, rank_b = a[1] + a[2], b[1] + b[2]
    if rank_a ~= rank_b then return rank_a < rank_b end
    return a[3] < b[3]
  end)
end
local own_mask, peer_mask = 0, 0
for i = 1, math.min (#shared, @SHARED_MAX@) do
  own_mask = own_mask + 2 ^ shared[i][1]
  peer_mask = peer_mask + 2 ^ shared[i][2]
end

-- What is known of the two of them, in one command whoever was seen (T-03)

local is_smaller = own_opening < peer_opening
local pair = is_smaller and own_opening .. peer_opening or peer_opening .. own_opening
local known = call ('MGET', 'nudged:' .. pair, 'seen:' .. peer_handle .. ':' .. own_handle,
                    'worker:' .. peer_at:sub (2))
local nudged, seen, beat = known[1], known[2], known[3]

-- May they meet? A session is at a worker ('w') or detached since ('d'); a worker that is silent
-- has no sockets since its last heartbeat. This one lives.

local here = 'w' .. worker
local function presence (at, heard)
  if at == here then return true, 0 end
  if at:sub (1, 1) == 'd' then return false, tonumber (at:sub (2)) end
  heard = tonumber (heard or call ('GET', 'worker:' .. at:sub (2)) or 0)
  return now - heard < @WORKER_US@, heard
end

local peer_attached, peer_detached_at = presence (peer_at, beat or 0)
local own_attached, own_detached_at = presence (own_at)
local may_meet = peer_first and own_mask ~= 0 and own_opening ~= peer_opening
                 and (policy == 'legacy'
                      or (own_attached or now - own_detached_at < @DETACHED_US@)
                         and (peer_attached or now - peer_detached_at < @DETACHED_US@))

-- What is counted: reports, and apart from them those that made a match

local function count (what)
  local today = math.floor (time[1] / 86400)
  local key = 'counts:' .. today
  if call ('HINCRBY', key, what, 1) == 1 then
    call ('EXPIRE', key, @COUNTS_S@)
    call ('SADD', 'counts:days', today)
    call ('EXPIRE', 'counts:days', @COUNTS_S@)
  end
end

-- Have both seen the other?

local is_again = may_meet and policy ~= 'legacy' and nudged and tonumber (nudged:sub (1, 16)) > now

local function keep_sighting ()
  local lasts = math.min (now + @SIGHTING_US@, own_expires, peer_expires)
  call ('SET', 'seen:' .. own_handle .. ':' .. (may_meet and peer_handle or ''),
        string.format ('%d', lasts), 'PX', math.max (1, math.ceil ((lasts - now) / 1000)))
  count ('pings')
  return 0
end

if not may_meet or policy == 'mutual' and not is_again
   and (not seen or tonumber (seen) <= now) then
  return keep_sighting ()
end

-- Who avoids whom, and who is muted, is asked only about two who would be nudged now or have been;
-- the answer is that of two of whom one has not seen the other. The same two sessions are compared
-- once: what stands for them behind a nudge names neither.

local own_more, peer_more

local function read_more ()
  own_more = own_more or call ('HMGET', own_key, 'avoid', 'key')
  peer_more = peer_more or call ('HMGET', peer_key, 'avoid', 'key')
end

-- No tag is found but where one begins: they are as good as random.
local function avoid_each_other ()
  read_more ()
  local own_avoid, peer_avoid = own_more[1], peer_more[1]
  if not own_avoid or not peer_avoid then return false end
  for i = 1, #own_avoid, @AVOID_TAG_BYTES@ do
    if peer_avoid:find (own_avoid:sub (i, i + @AVOID_TAG_BYTES@ - 1), 1, true) then return true end
  end
  return false
end

local function is_muted (opening)
  local lasts = call ('HGET', 'record:@MUTE@' .. opening, 'until')
  return lasts and tonumber (lasts) > now
end

local both = redis.sha1hex (is_smaller and own_handle .. peer_handle or peer_handle .. own_handle)
both = both:sub (1, @BOTH_CHARS@)
local is_compared = is_again and nudged:sub (@NUDGED_CHARS@ + 1) == both
if not is_compared and avoid_each_other () then return keep_sighting () end

-- Both outboxes, or neither

local peer_id = peer_core:sub (70, 105)
local peer_side = is_smaller and 1 or 0

-- (nullable): the number of the new entry; there was no room.
local function push (session_id, session_key, expires, side, mask, key_of_other)
  local key = 'outbox:' .. session_id
  local seq = call ('HINCRBY', session_key, 'seq', 1)
  local length = call ('RPUSH', key,
                       table.concat ({ seq, pair, side, mask, key_of_other or '' }, ' '))
  if length == 1 then
    call ('PEXPIREAT', key, math.ceil (expires / 1000))
  elseif length > @OUTBOX_MAX@ then
    call ('RPOP', key)
    call ('HINCRBY', session_key, 'seq', -1)
    return nil
  end
  return seq
end

local function push_own ()
  return push (id, own_key, own_expires, 1 - peer_side, own_mask, peer_more[2])
end

local function push_peer ()
  return push (peer_id, peer_key, peer_expires, peer_side, peer_mask, own_more[2])
end

local function find (session_id)
  for _, entry in ipairs (call ('LRANGE', 'outbox:' .. session_id, 0, -1)) do
    if entry:find (pair, 1, true) then return entry end
  end
end

-- What is repeated gives up its place.
local function remove_old (session_id)
  local entry = find (session_id)
  if entry then call ('LREM', 'outbox:' .. session_id, 1, entry) end
end

-- For clients of the first contract, who never acknowledge.
local function make_room (session_id)
  remove_old (session_id)
  if call ('LLEN', 'outbox:' .. session_id) >= @OUTBOX_MAX@ then
    call ('LPOP', 'outbox:' .. session_id)
  end
end

-- Who asks here hears it from our answer; when that is lost so is the connection, and all of its
-- sessions are asked for again.
local function wake (session_id, at, seq)
  if at == here or at:sub (1, 1) == 'd' then return end
  local place = at:sub (2)
  call ('HSET', 'wake:' .. place, session_id, seq)
  call ('EXPIRE', 'wake:' .. place, @WAKE_S@)
  -- A message that cannot be sent is no reason to nudge one side only: the heartbeat finds it.
  redis.pcall ('PUBLISH', 'worker:' .. place, 'o ' .. session_id .. ' ' .. seq)
end

local own_seq, peer_seq
if is_again then
  -- A side that renewed its session before it heard of the nudge finds it in its new outbox.
  local function misses (session_id, side)
    return nudged:sub (17 + side, 17 + side) ~= '1' and not find (session_id)
           and call ('LLEN', 'outbox:' .. session_id) < @OUTBOX_MAX@
  end
  if not is_compared then call ('SETRANGE', 'nudged:' .. pair, @NUDGED_CHARS@, both) end
  -- Both are told, even when one misses it: what two know each other by later (avoid tags) comes from
  -- the keys of one pair of sessions, and who was told before knows the key of a session that is gone.
  if (misses (id, 1 - peer_side) or misses (peer_id, peer_side))
     and not is_muted (own_opening) and not is_muted (peer_opening) then
    read_more ()
    remove_old (id)
    remove_old (peer_id)
    own_seq, peer_seq = push_own (), push_peer ()
    call ('SETRANGE', 'nudged:' .. pair, 16, '00')
  end
  count ('pings')
else
  if is_muted (own_opening) or is_muted (peer_opening) then return keep_sighting () end
  if policy == 'legacy' then
    make_room (id)
    make_room (peer_id)
  end
  own_seq = push_own ()
  peer_seq = own_seq and push_peer ()
  if not peer_seq then
    if own_seq then
      call ('RPOP', 'outbox:' .. id)
      call ('HINCRBY', own_key, 'seq', -1)
    end
    if policy == 'mutual' then return keep_sighting () end
    count ('pings')
    return 0
  end
  -- From its length it is seen whether it was there when a side was told.
  call ('SET', 'nudged:' .. pair, string.format ('%d00.', now + @PAIR_US@) .. both,
        'PX', @PAIR_US@ / 1000)
  count ('matched')
end
if own_seq then wake (id, own_at, own_seq) end
if peer_seq then wake (peer_id, peer_at, peer_seq) end

local function tell (session_first, core, expires)
  local more = call ('HMGET', 'session:' .. session_first, 'seq', 'labels', 'interest_categories',
                     'key')
  return { core:sub (70, 105), session_first, core:sub (17, 48),
           math.floor ((expires - now) / 1000), more[1], tonumber (core:sub (65, 69)),
           (#core - 105) / 16, more[2], more[3], more[4] }
end

-- The peer too when its socket is at this worker: then no outbox is read for what was pushed now.
local is_woken = own_seq or peer_seq
return { (is_again and 0 or 1) + (is_woken and 2 or 0) + (peer_attached and 4 or 0), own_mask,
         is_woken and peer_id or '', tell (first, own_core, own_expires), own_seq or 0,
         peer_opening, peer_seq or 0, peer_mask, peer_more and peer_more[2] or '',
         peer_seq and peer_at == here
         and tell (peer_first, peer_core, peer_expires) }
