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
local session = call ('HMGET', key, 'expires_at', 'worker', 'seq')
if not session[1] or tonumber (session[1]) <= now then return false end

if change == '-' then
  if session[2] == worker then call ('HSET', key, 'worker', '', 'detached_at', now) end
elseif session[2] ~= worker then
  if session[2] ~= '' then
    call ('HDEL', 'wake:' .. session[2], id)
    call ('PUBLISH', 'worker:' .. session[2], 'd ' .. id)
  end
  call ('HSET', key, 'worker', worker)
end
return { first, tonumber (session[3]) }
