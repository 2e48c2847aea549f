-- SPDX-License-Identifier: GPL-2.0-or-later
-- This worker lives. Hands out whose outboxes got something, as a lost message would have said,
-- and whether anything counted waits for whoever takes it.
local worker = ARGV[1]
local call = redis.call
local time = call ('TIME')
local now = time[1] * 1000000 + time[2]
local wake = call ('HGETALL', 'wake:' .. worker)

call ('DEL', 'wake:' .. worker)
call ('SET', 'worker:' .. worker, now, 'EX', @WORKER_KEY_S@)
call ('ZREMRANGEBYSCORE', 'active', '-inf', now)
return { call ('SCARD', 'counts:days') + call ('LLEN', 'counts:batches'), wake }
