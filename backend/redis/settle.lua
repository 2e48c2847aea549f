-- SPDX-License-Identifier: GPL-2.0-or-later
-- The request of a claim was answered, or failed and is forgotten. Nothing is kept past the
-- session that asked, nor of a session that is over.
local caller, claim, body, made, lifetime = unpack (ARGV)
local answer = ARGV[6]
local call = redis.call
local time = call ('TIME')
local now = time[1] * 1000000 + time[2]
local key = 'idem:' .. caller .. ':' .. claim
local found = call ('HMGET', key, 'until', 'body', 'answer')

-- It lapsed, and somebody else is doing or has done it.
if found[1] and tonumber (found[1]) > now and (found[3] or found[2] ~= body) then return 1 end

local function expiry_of (name)
  local first = call ('GET', name)
  local core = first and call ('HGET', 'session:' .. first, 'core')
  return tonumber (core and core:sub (1, 16) or 0), first
end

local lasts = answer and now + lifetime * 1000000 or 0
if caller ~= '' then lasts = math.min (lasts, (expiry_of ('secret:' .. caller))) end
if made ~= '' then
  local expires, first = expiry_of ('id:' .. made)
  lasts = math.min (lasts, expires)
  if lasts > now then call ('HSET', 'session:' .. first, 'claim', key) end
end
if lasts > now then
  call ('HSET', key, 'until', lasts, 'body', body, 'answer', answer)
  call ('PEXPIREAT', key, math.ceil (lasts / 1000))
  if caller ~= '' then
    call ('ZADD', 'idem:' .. caller, 'NX', now, claim)
    call ('EXPIRE', 'idem:' .. caller, @SESSION_S@)
  end
else
  call ('DEL', key)
  if caller ~= '' then call ('ZREM', 'idem:' .. caller, claim) end
end
return 1
