-- SPDX-License-Identifier: GPL-2.0-or-later
-- A record as it is now: { now in ms, version, value, fleeting parts… }, the first alone when there
-- is none.
local name = ARGV[1]
local key = 'record:' .. name
local call = redis.call
local time = call ('TIME')
local now = time[1] * 1000000 + time[2]
local record = call ('HMGET', key, 'until', 'version', 'value')

if not record[1] or tonumber (record[1]) <= now then return { math.floor (now / 1000) } end
local answer = { math.floor (now / 1000), tonumber (record[2]), record[3] }
for part = 1, @FLEETING_PARTS@ do
  answer[#answer + 1] = call ('GET', 'fleeting:' .. part .. ':' .. name)
end
return answer
