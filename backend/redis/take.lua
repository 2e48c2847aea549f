-- SPDX-License-Identifier: GPL-2.0-or-later
-- Closes the open counters as batches under the ids behind the worker's, one a day, and hands out
-- the batches nobody else is busy with: { id, { field, value, … } } each.
local worker = ARGV[1]
local call = redis.call
local time = call ('TIME')
local now = time[1] * 1000000 + time[2]

local days = call ('SMEMBERS', 'counts:days')
table.sort (days, function (a, b) return tonumber (a) < tonumber (b) end)
for i = 1, math.min (#days, #ARGV - 1) do
  local counts, id = 'counts:' .. days[i], ARGV[i + 1]
  if call ('EXISTS', counts) == 1 then
    call ('RENAME', counts, 'counts:batch:' .. id)
    call ('HSET', 'counts:batch:' .. id, 'day', days[i])
    call ('RPUSH', 'counts:batches', id)
    call ('EXPIRE', 'counts:batches', @COUNTS_S@)
  end
  call ('SREM', 'counts:days', days[i])
end

local taken = {}
for _, id in ipairs (call ('LRANGE', 'counts:batches', 0, @BATCHES_MAX@ - 1)) do
  local key = 'counts:batch:' .. id
  local lease = call ('HMGET', key, 'day', 'worker', 'taken_at')
  if not lease[1] then
    call ('LREM', 'counts:batches', 1, id)
  elseif lease[2] == worker or not lease[3] or now - lease[3] >= @BATCH_US@ then
    call ('HSET', key, 'worker', worker, 'taken_at', now)
    taken[#taken + 1] = { id, call ('HGETALL', key) }
  end
end
return taken
