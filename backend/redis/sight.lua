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
  if text and tonumber (text:sub (1, 16)) <= now and tonumber (text:sub (17, 32)) > now
     and tonumber (text:sub (33, 48)) > now then
    return text:sub (49)
  end
end

local function read (key)
  return call ('HMGET', key, 'session_id', 'expires_at', 'day', 'interests_hash',
               'interests_hash_next', 'opening', 'handle', 'worker', 'detached_at', 'tat')
end

-- The one who reports

if first == '' then
  first = call ('GET', 'id:' .. id)
  if not first then return -1 end
end
local own_key = 'session:' .. first
local own = read (own_key)
if own[1] ~= id or tonumber (own[2]) <= now then return -1 end
if burst > 0 then
  local full = math.max (tonumber (own[10]), now) + step
  local ahead = full - now - step * burst
  if ahead > 0 then return math.ceil (ahead / 1000000) end
  call ('HSET', own_key, 'tat', full)
end
if own_token ~= '' and resolve (own_token) ~= first then return -1 end

-- The one who was seen

local peer_first = resolve (detected)
local peer_key = 'session:' .. (peer_first or first)
local peer = read (peer_key)
if not peer_first then peer[4], peer[5] = peer[5], peer[4] end

-- What they share, under a day both have hashes of

local own_day, peer_day = tonumber (own[3]), tonumber (peer[3])
local day = math.max (own_day, peer_day)
local own_hashes = own_day == day and own[4] or own[5]
local peer_hashes = peer_day == day and peer[4] or peer[5]
local shared = {}
if day - math.min (own_day, peer_day) <= 1 then
  for i = 0, #own_hashes / 16 - 1 do
    local hash = own_hashes:sub (16 * i + 1, 16 * i + 16)
    local at = peer_hashes:find (hash, 1, true)
    while at and (at - 1) % 16 ~= 0 do at = peer_hashes:find (hash, at + 1, true) end
    if at then shared[#shared + 1] = { i, (at - 1) / 16, hash } end
  end
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

-- May they meet? A worker that is silent has no sockets since its last heartbeat.

local function presence (session)
  local at = session[8]
  local beat = tonumber (call ('GET', 'worker:' .. at) or 0)
  if at == '' then return false, tonumber (session[9]) end
  return at == worker or now - beat < @WORKER_US@, beat
end

local function is_matchable (is_attached, detached_at)
  return policy == 'legacy' or is_attached or now - detached_at < @DETACHED_US@
end

local peer_attached, peer_detached_at = presence (peer)
local own_attached, own_detached_at = own[8] == worker, 0
if not own_attached then own_attached, own_detached_at = presence (own) end
local may_meet = peer_first and own_mask ~= 0 and own[6] ~= peer[6]
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

-- Both outboxes, or neither

local function is_full (session)
  return call ('LLEN', 'outbox:' .. session[1]) >= @OUTBOX_MAX@
end

local function drop (session, other)
  local key = 'outbox:' .. session[1]
  for _, entry in ipairs (call ('LRANGE', key, 0, -1)) do
    if entry:find (' ' .. other[6] .. ' ', 1, true) then call ('LREM', key, 1, entry) end
  end
  if is_full (session) then call ('LPOP', key) end
end

local function push (session, session_key, other, mask)
  local seq = call ('HINCRBY', session_key, 'seq', 1)
  local key = 'outbox:' .. session[1]
  local at = session[8]
  if call ('RPUSH', key, seq .. ' ' .. other[6] .. ' ' .. mask) == 1 then
    call ('PEXPIREAT', key, math.ceil (session[2] / 1000))
  end
  if at == '' then return end
  call ('HSET', 'wake:' .. at, session[1], seq)
  call ('EXPIRE', 'wake:' .. at, @WAKE_S@)
  if at ~= worker then call ('PUBLISH', 'worker:' .. at, 'o ' .. session[1] .. ' ' .. seq) end
end

local function has (session, other)
  for _, entry in ipairs (call ('LRANGE', 'outbox:' .. session[1], 0, -1)) do
    if entry:find (' ' .. other[6] .. ' ', 1, true) then return true end
  end
  return false
end

-- A side that renewed its session before it heard of the nudge finds it in its new outbox.
local function remind (session, session_key, other, mask, is_told)
  if is_told or is_full (session) or has (session, other) then return false end
  push (session, session_key, other, mask)
  return true
end

local is_smaller = own[6] < peer[6]
local pair = 'nudged:' .. (is_smaller and own[6] .. peer[6] or peer[6] .. own[6])
local nudged = call ('GET', pair)
local is_fresh, is_woken = false, false

if may_meet and policy ~= 'legacy' and nudged and tonumber (nudged:sub (1, 16)) > now then
  local own_told, peer_told = nudged:sub (17, 17) == '1', nudged:sub (18, 18) == '1'
  if not is_smaller then own_told, peer_told = peer_told, own_told end
  is_woken = remind (own, own_key, peer, own_mask, own_told)
  is_woken = remind (peer, peer_key, own, peer_mask, peer_told) or is_woken
else
  if not may_meet or policy == 'mutual' then
    local peer_handle = may_meet and peer[7] or ''
    local lasts = math.min (now + @SIGHTING_US@, own[2], peer[2])
    call ('SET', 'seen:' .. own[7] .. ':' .. peer_handle, lasts,
          'PX', math.ceil ((lasts - now) / 1000))
    local seen = call ('GET', 'seen:' .. peer_handle .. ':' .. own[7])
    if not may_meet or not seen or tonumber (seen) <= now then return 0 end
  end
  if policy == 'legacy' then
    drop (own, peer)
    drop (peer, own)
  elseif is_full (own) or is_full (peer) then
    return 0
  end
  push (own, own_key, peer, own_mask)
  push (peer, peer_key, own, peer_mask)
  call ('SET', pair, string.format ('%.0f00', now + @PAIR_US@), 'PX', @PAIR_US@ / 1000)
  count ('matches')
  is_fresh, is_woken = true, true
end

local more = call ('HMGET', own_key, 'seq', 'labels', 'interest_categories')
return { (is_fresh and 1 or 0) + (is_woken and 2 or 0) + (peer_attached and 4 or 0), own_mask,
         is_woken and peer[1] or '',
         { id, first, own[6], math.floor ((own[2] - now) / 1000), more[1], own_day,
           #own[4] / 16, more[2], more[3] } }
