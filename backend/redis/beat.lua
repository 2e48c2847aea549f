-- SPDX-License-Identifier: GPL-2.0-or-later
-- This worker lives. Hands out whose outboxes got something and, behind an 'r ', who is to look at
-- records, as a lost message would have said, whether anything counted waits for whoever takes it, and whether others have another interest
-- key.
local worker, tag = ARGV[1], ARGV[2]
local call = redis.call
local time = call ('TIME')
local now = time[1] * 1000000 + time[2]
local wake = call ('HGETALL', 'wake:' .. worker)

call ('DEL', 'wake:' .. worker)
call ('SET', 'worker:' .. worker, now, 'EX', @WORKER_KEY_S@)
call ('ZREMRANGEBYSCORE', 'active', '-inf', now)
local held = call ('GET', 'interest-key')
if not held or held == tag then call ('SET', 'interest-key', tag, 'EX', @WORKER_S@) end
return { call ('SCARD', 'counts:days') + call ('LLEN', 'counts:batches'), wake,
         held and held ~= tag and 1 or 0 }
