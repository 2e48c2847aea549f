-- SPDX-License-Identifier: GPL-2.0-or-later
-- Wipes a session and all that mentions it. What is under its handle in seen:*: names nobody any
-- more and is gone in two minutes.
local id, worker = ARGV[1], ARGV[2]
local call = redis.call
local first = call ('GET', 'id:' .. id)
if not first then return 1 end

local time = call ('TIME')
local now = time[1] * 1000000 + time[2]
local key = 'session:' .. first
local session = call ('HMGET', key, 'session_id', 'tokens', 'secret', 'tombstone', 'core', 'at', 'claim')
if session[1] ~= id then return 1 end

for token in session[2]:gmatch ('%S+') do call ('DEL', 'tok:' .. token) end
if session[3] ~= '' then
  local claims = 'idem:' .. session[3]
  for _, claim in ipairs (call ('ZRANGE', claims, 0, -1)) do call ('DEL', claims .. ':' .. claim) end
  call ('DEL', claims, 'secret:' .. session[3])
end
if session[7] then call ('DEL', session[7]) end
if session[4] ~= '' then
  local rests = math.min (now, session[5]:sub (1, 16)) + @TOMBSTONE_US@
  call ('SET', 'dead:' .. session[4], string.format ('%.0f', rests), 'PXAT', math.ceil (rests / 1000))
end
call ('ZREM', 'active', session[5]:sub (49, 64))
if session[6]:sub (1, 1) == 'w' then
  local place = session[6]:sub (2)
  call ('HDEL', 'wake:' .. place, id, 'r ' .. id)
  if place ~= worker then redis.pcall ('PUBLISH', 'worker:' .. place, 'e ' .. id) end
end
call ('DEL', key, 'id:' .. id, 'outbox:' .. id, 'record:@WAVES@' .. id)
return 1
