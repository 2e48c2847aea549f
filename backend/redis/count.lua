-- SPDX-License-Identifier: GPL-2.0-or-later
-- How many sessions there are now.
local time = redis.call ('TIME')
redis.call ('ZREMRANGEBYSCORE', 'active', '-inf', time[1] * 1000000 + time[2])
return redis.call ('ZCARD', 'active')
