-- SPDX-License-Identifier: GPL-2.0-or-later
-- Has a session a socket anywhere? 1 yes, at a worker that lives, else 0.
local call = redis.call
local time = call ('TIME')
local now = time[1] * 1000000 + time[2]
local first = call ('GET', 'id:' .. ARGV[1])
local session = first and call ('HMGET', 'session:' .. first, 'core', 'at')

if not session or not session[1] or tonumber (session[1]:sub (1, 16)) <= now
   or session[2]:sub (1, 1) ~= 'w' then
  return 0
end
local heard = tonumber (call ('GET', 'worker:' .. session[2]:sub (2)) or 0)
return now - heard < @WORKER_US@ and 1 or 0
