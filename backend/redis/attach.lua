-- SPDX-License-Identifier: GPL-2.0-or-later
-- The first socket of a session opened at this worker ('+'), or its last one closed ('-'); nil: no
-- such session, else its first token and the newest number of its outbox.
local id, worker, change = ARGV[1], ARGV[2], ARGV[3]
local call = redis.call
local time = call ('TIME')
local now = time[1] * 1000000 + time[2]
local first = call ('GET', 'id:' .. id)
if not first then return false end
local key = 'session:' .. first
local session = call ('HMGET', key, 'core', 'at', 'seq')
if not session[1] or tonumber (session[1]:sub (1, 16)) <= now then return false end

local here = 'w' .. worker
if change == '-' then
  if session[2] == here then call ('HSET', key, 'at', string.format ('d%.0f', now)) end
elseif session[2] ~= here then
  if session[2]:sub (1, 1) == 'w' then
    local other = session[2]:sub (2)
    call ('HDEL', 'wake:' .. other, id, 'r ' .. id)
    redis.pcall ('PUBLISH', 'worker:' .. other, 'd ' .. id)
  end
  call ('HSET', key, 'at', here)
end
return { first, tonumber (session[3]) }
