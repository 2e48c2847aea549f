-- SPDX-License-Identifier: GPL-2.0-or-later
-- A record gives way to another one, or to none (no lifetime), if its version is still the one
-- given (0: there is none). nil: it is not, else the number of this swap and the version of what it
-- wrote, which is the same, or 0. Behind the fixed arguments two a fleeting part (until, in ms;
-- value), then the sessions that are to look: their workers are told, and behind the numbers stand
-- those that are at this one.
local worker, name, version, lifetime, value = unpack (ARGV)
local n_fixed = 5 + 2 * @FLEETING_PARTS@
local key = 'record:' .. name
local call = redis.call
local time = call ('TIME')
local now = time[1] * 1000000 + time[2]
local record = call ('HMGET', key, 'until', 'version')
local is_there = record[1] and tonumber (record[1]) > now

if (is_there and record[2] or '0') ~= version then return false end

-- What goes with a session is not made any more once that is over.
local whose = name:match ('^@WAVES@(.+)$')
local deletes = lifetime == '0' or whose and call ('EXISTS', 'id:' .. whose) == 0
-- One for all records, and never one of before: neither after a deletion nor when the clock is set.
local last = tonumber (call ('GET', 'record-version') or 0)
local newest = string.format ('%.0f', math.max (now, last + 1))
local ends = math.floor (now / 1000) + lifetime

-- A part is gone by itself when it says, whoever lives by then, and never after the record.
local function write_part (part)
  local part_key = 'fleeting:' .. part .. ':' .. name
  local until_ms = math.min (ARGV[4 + 2 * part], ends)
  if not deletes and until_ms * 1000 > now then
    call ('SET', part_key, ARGV[5 + 2 * part],
          'PXAT', string.format ('%.0f', until_ms - 1)) -- in that millisecond it is there still
  else
    call ('DEL', part_key)
  end
end

if deletes then
  call ('DEL', key)
  -- A Redis that is full forgets all the same: any number to come is greater than what is gone.
  redis.pcall ('SET', 'record-version', newest, 'EX', @RECORD_VERSION_S@)
else
  call ('SET', 'record-version', newest, 'EX', @RECORD_VERSION_S@)
  call ('HSET', key, 'until', string.format ('%.0f', now + lifetime * 1000),
        'version', newest, 'value', value)
  call ('PEXPIRE', key, lifetime)
end
for part = 1, @FLEETING_PARTS@ do write_part (part) end

local answer = { tonumber (newest), deletes and 0 or tonumber (newest) }

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

for i = n_fixed + 1, #ARGV do wake (ARGV[i]) end
return answer
