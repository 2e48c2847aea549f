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
local own = call ('HMGET', own_key, 'session_id', 'core', 'interests_hash', 'at', 'tat')
if own[1] ~= id then return -1 end
local own_core = own[2]
local own_expires = tonumber (own_core:sub (1, 16))
local own_opening, own_handle = own_core:sub (17, 48), own_core:sub (49, 64)
if own_expires <= now then return -1 end
if burst > 0 then
  local full = math.max (tonumber (own[5]), now) + step
  local ahead = full - now - step * burst
  if ahead > 0 then return math.ceil (ahead / 1000000) end
  call ('HSET', own_key, 'tat', full)
end
if own_token ~= '' and resolve (own_token) ~= first then return -1 end

-- The one who was seen

local peer_first = resolve (detected)
local peer_key = 'session:' .. (peer_first or first)
local peer = call ('HMGET', peer_key, 'session_id', 'core', 'interests_hash', 'at')
local peer_core = peer[2]
local peer_expires = tonumber (peer_core:sub (1, 16))
local peer_opening, peer_handle = peer_core:sub (17, 48), peer_core:sub (49, 64)
local own_hashes, peer_hashes = own[3], peer[3]
if not peer_first or peer_expires <= now then
  peer_first = nil
  peer_hashes = string.rep (own_opening, #own_hashes / 32)
end

-- What they share, under a day both have hashes of: the session of the earlier one has tomorrow's

local own_day, peer_day = tonumber (own_core:sub (65)), tonumber (peer_core:sub (65))
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

-- May they meet? A session is at a worker ('w') or detached since ('d'); a worker that is silent
-- has no sockets since its last heartbeat.

local function presence (at)
  local place = at:sub (2)
  local beat = tonumber (call ('GET', 'worker:' .. place) or 0)
  if at:sub (1, 1) == 'd' then return false, tonumber (place) end
  return place == worker or now - beat < @WORKER_US@, beat
end

local function is_matchable (is_attached, detached_at)
  return policy == 'legacy' or is_attached or now - detached_at < @DETACHED_US@
end

local peer_attached, peer_detached_at = presence (peer[4])
local own_attached, own_detached_at = own[4] == 'w' .. worker, 0
if not own_attached then own_attached, own_detached_at = presence (own[4]) end
local may_meet = peer_first and own_mask ~= 0 and own_opening ~= peer_opening
                 and is_matchable (own_attached, own_detached_at)
                 and is_matchable (peer_attached, peer_detached_at)

-- What is counted

local function count (what)
  local today = math.floor (time[1] / 86400)
  local key = 'counts:' .. today
  if call ('HINCRBY', key, what, 1) == 1 then
    call ('EXPIRE', key, @COUNTS_S@)
    call ('SADD', 'counts:days', today)
    call ('EXPIRE', 'counts:days', @COUNTS_S@)
  end
end

count ('pings')

-- Have both seen the other?

local is_smaller = own_opening < peer_opening
local pair = 'nudged:' .. (is_smaller and own_opening .. peer_opening or peer_opening .. own_opening)
local nudged = call ('GET', pair)
local is_again = may_meet and policy ~= 'legacy' and nudged and tonumber (nudged:sub (1, 16)) > now

if not is_again and (not may_meet or policy == 'mutual') then
  local whom = may_meet and peer_handle or ''
  local lasts = math.min (now + @SIGHTING_US@, own_expires, peer_expires)
  call ('SET', 'seen:' .. own_handle .. ':' .. whom, lasts,
        'PX', math.max (1, math.ceil ((lasts - now) / 1000)))
  local seen = call ('GET', 'seen:' .. whom .. ':' .. own_handle)
  if not may_meet or not seen or tonumber (seen) <= now then return 0 end
end

-- Both outboxes, or neither

local peer_id = peer[1]

local function is_full (session_id)
  return call ('LLEN', 'outbox:' .. session_id) >= @OUTBOX_MAX@
end

local function find (session_id, opening)
  for _, entry in ipairs (call ('LRANGE', 'outbox:' .. session_id, 0, -1)) do
    if entry:find (' ' .. opening .. ' ', 1, true) then return entry end
  end
end

-- For clients of the first contract, who never acknowledge: what is repeated gives up its place.
local function make_room (session_id, opening)
  local entry = find (session_id, opening)
  if entry then call ('LREM', 'outbox:' .. session_id, 1, entry) end
  if is_full (session_id) then call ('LPOP', 'outbox:' .. session_id) end
end

local function push (session_id, session_key, at, expires, opening, mask)
  local seq = call ('HINCRBY', session_key, 'seq', 1)
  local key = 'outbox:' .. session_id
  if call ('RPUSH', key, seq .. ' ' .. opening .. ' ' .. mask) == 1 then
    call ('PEXPIREAT', key, math.ceil (expires / 1000))
  end
  -- Who asks here hears it from our answer; when that is lost so is the connection, and all of
  -- its sessions are asked for again.
  local place = at:sub (2)
  if place == worker or at:sub (1, 1) == 'd' then return seq end
  call ('HSET', 'wake:' .. place, session_id, seq)
  call ('EXPIRE', 'wake:' .. place, @WAKE_S@)
  -- A message that cannot be sent is no reason to nudge one side only: the heartbeat finds it.
  redis.pcall ('PUBLISH', 'worker:' .. place, 'o ' .. session_id .. ' ' .. seq)
  return seq
end

local own_seq, peer_seq = 0, 0
local function push_own ()
  own_seq = push (id, own_key, own[4], own_expires, peer_opening, own_mask)
end
local function push_peer ()
  peer_seq = push (peer_id, peer_key, peer[4], peer_expires, own_opening, peer_mask)
end

local is_woken = true
if is_again then
  -- A side that renewed its session before it heard of the nudge finds it in its new outbox.
  local own_told, peer_told = nudged:sub (17, 17) == '1', nudged:sub (18, 18) == '1'
  if not is_smaller then own_told, peer_told = peer_told, own_told end
  local own_misses = not own_told and not is_full (id) and not find (id, peer_opening)
  local peer_misses = not peer_told and not is_full (peer_id) and not find (peer_id, own_opening)
  if own_misses then push_own () end
  if peer_misses then push_peer () end
  is_woken = own_misses or peer_misses
else
  if policy == 'legacy' then
    make_room (id, peer_opening)
    make_room (peer_id, own_opening)
  elseif is_full (id) or is_full (peer_id) then
    return 0
  end
  push_own ()
  push_peer ()
  call ('SET', pair, string.format ('%.0f00', now + @PAIR_US@), 'PX', @PAIR_US@ / 1000)
  count ('matches')
end

local function tell (session, session_id, session_first, core, expires)
  local more = call ('HMGET', 'session:' .. session_first, 'seq', 'labels', 'interest_categories')
  return { session_id, session_first, core:sub (17, 48), math.floor ((expires - now) / 1000), more[1],
           tonumber (core:sub (65)), #session[3] / 16, more[2], more[3] }
end

-- The peer too when its socket is at this worker: then no outbox is read for what was pushed now.
local is_here = peer_seq > 0 and peer_attached and peer[4]:sub (2) == worker
return { (is_again and 0 or 1) + (is_woken and 2 or 0) + (peer_attached and 4 or 0), own_mask,
         is_woken and peer_id or '', tell (own, id, first, own_core, own_expires), own_seq,
         peer_opening, peer_seq, peer_mask,
         is_here and tell (peer, peer_id, peer_first, peer_core, peer_expires) }
