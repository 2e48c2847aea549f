-- SPDX-License-Identifier: GPL-2.0-or-later
-- Is what this worker believes of its sockets still so? For each session: -1 unknown here, -2 at
-- another live worker now, else the newest number of its outbox; and it is attached here again.
local worker = ARGV[1]
local call = redis.call
local time = call ('TIME')
local now = time[1] * 1000000 + time[2]
local here = 'w' .. worker
local beats = {}

local function is_alive (other)
  if not beats[other] then beats[other] = tonumber (call ('GET', 'worker:' .. other) or 0) end
  return now - beats[other] < @WORKER_US@
end

local function check (id)
  local first = call ('GET', 'id:' .. id)
  if not first then return -1 end
  local key = 'session:' .. first
  local session = call ('HMGET', key, 'core', 'at', 'seq')
  if not session[1] or tonumber (session[1]:sub (1, 16)) <= now then return -1 end
  if session[2] == here then return tonumber (session[3]) end
  if session[2]:sub (1, 1) == 'w' and is_alive (session[2]:sub (2)) then return -2 end
  call ('HSET', key, 'at', here)
  return tonumber (session[3])
end

local results = {}
for i = 2, #ARGV do results[i - 1] = check (ARGV[i]) end
return results
