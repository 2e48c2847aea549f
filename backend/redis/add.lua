-- SPDX-License-Identifier: GPL-2.0-or-later
-- A new session with all its tokens, or nothing: 0 a token is taken or rests, 1 done.
-- Behind the fixed arguments four a token (text, tombstone, from, until; in us from now), then the
-- categories to count.
local id, secret, opening, handle, day, hashes, hashes_next, labels, categories, public_key, avoid
  = unpack (ARGV)
local lifetime, rests, n_tokens = tonumber (ARGV[12]), ARGV[13], tonumber (ARGV[14])
local call = redis.call
local time = call ('TIME')
local now = time[1] * 1000000 + time[2]
local expires = now + lifetime
local expires_ms = math.ceil (expires / 1000)
local first = ARGV[15]
local end_of_tokens = 14 + 4 * n_tokens

if call ('EXISTS', 'id:' .. id) == 1
   or (secret ~= '' and call ('EXISTS', 'secret:' .. secret) == 1) then
  return 0
end
for i = 15, end_of_tokens, 4 do
  local rests_until = call ('GET', 'dead:' .. ARGV[i + 1])
  if call ('EXISTS', 'tok:' .. ARGV[i]) == 1 or rests_until and tonumber (rests_until) > now then
    return 0
  end
end

local texts = {}
for i = 15, end_of_tokens, 4 do
  local from, until_us = now + ARGV[i + 2], math.min (now + ARGV[i + 3], expires)
  -- The first names the session for the whole of its life.
  local lasts = i == 15 and expires or until_us
  if lasts > now then
    call ('SET', 'tok:' .. ARGV[i], string.format ('%.0f%.0f', from, until_us) .. first,
          'PXAT', math.ceil (lasts / 1000))
  end
  texts[#texts + 1] = ARGV[i]
end

local tombstone = ''
if rests == '1' then
  tombstone = ARGV[16]
  call ('SET', 'dead:' .. tombstone, string.format ('%.0f', expires + @TOMBSTONE_US@),
        'PXAT', math.ceil ((expires + @TOMBSTONE_US@) / 1000))
end
-- What every decision needs in one piece: end (16), opening (32), handle (16), day (5), id (36),
-- interests.
local key = 'session:' .. first
call ('DEL', key, 'outbox:' .. id)
call ('HSET', key, 'session_id', id, 'interests_hash', hashes, 'interests_hash_next', hashes_next,
      'interest_categories', categories, 'created_at', now,
      'core', string.format ('%.0f', expires) .. opening .. handle .. string.format ('%05d', day)
              .. id .. hashes, 'labels', labels,
      'secret', secret, 'tokens', table.concat (texts, ' '), 'tombstone', tombstone, 'seq', 0,
      'at', string.format ('d%.0f', now), 'tat', 0, 'key', public_key)
if avoid ~= '' then call ('HSET', key, 'avoid', avoid) end
call ('PEXPIREAT', key, expires_ms)
call ('SET', 'id:' .. id, first, 'PXAT', expires_ms)
if secret ~= '' then call ('SET', 'secret:' .. secret, first, 'PXAT', expires_ms) end
call ('ZADD', 'active', expires, handle)
call ('EXPIRE', 'active', @SESSION_S@)

local today = math.floor (time[1] / 86400)
local counts = 'counts:' .. today
if call ('HINCRBY', counts, 'sessions', 1) == 1 then
  call ('EXPIRE', counts, @COUNTS_S@)
  call ('SADD', 'counts:days', today)
  call ('EXPIRE', 'counts:days', @COUNTS_S@)
end
for i = end_of_tokens + 1, #ARGV do call ('HINCRBY', counts, 'c:' .. ARGV[i], 1) end
return 1
