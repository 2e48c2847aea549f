-- SPDX-License-Identifier: GPL-2.0-or-later
-- A record gives way to another one, or to none (no lifetime), if its version is still the one
-- given (0: there is none). nil: it is not, else the number of this swap, which is the version of
-- what it wrote. Behind the fixed arguments the sessions that are to look: their workers are told,
-- and behind the number stand those that are at this one.
local worker, name, version, lifetime, value = unpack (ARGV)
local key = 'record:' .. name
local call = redis.call
local time = call ('TIME')
local now = time[1] * 1000000 + time[2]
local record = call ('HMGET', key, 'until', 'version')
local is_there = record[1] and tonumber (record[1]) > now

if (is_there and record[2] or '0') ~= version then return false end

-- One for all records, and never one of before: neither after a deletion nor when the clock is set.
local last = tonumber (call ('GET', 'record-version') or 0)
local newest = string.format ('%.0f', math.max (now, last + 1))
if lifetime == '0' then
  call ('DEL', key)
  -- A Redis that is full forgets all the same: any number to come is greater than what is gone.
  redis.pcall ('SET', 'record-version', newest, 'EX', @RECORD_VERSION_S@)
else
  call ('SET', 'record-version', newest, 'EX', @RECORD_VERSION_S@)
  call ('HSET', key, 'until', string.format ('%.0f', now + lifetime * 1000),
        'version', newest, 'value', value)
  call ('PEXPIRE', key, lifetime)
end

local answer = { tonumber (newest) }

-- Who is here hears it from our answer, and with the next heartbeat when that is lost.
local function wake (id)
  local first = call ('GET', 'id:' .. id)
  local at = first and call ('HGET', 'session:' .. first, 'at')
  if not at or at:sub (1, 1) ~= 'w' then return end
  local place = at:sub (2)
  redis.pcall ('HSET', 'wake:' .. place, 'r ' .. id, newest)
  redis.pcall ('EXPIRE', 'wake:' .. place, @WAKE_S@)
  if place == worker then
    answer[#answer + 1] = id
  else
    redis.pcall ('PUBLISH', 'worker:' .. place, 'r ' .. id .. ' ' .. newest)
  end
end

for i = 6, #ARGV do wake (ARGV[i]) end
return answer
