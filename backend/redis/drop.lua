-- SPDX-License-Identifier: GPL-2.0-or-later
-- A batch of counters is durable elsewhere.
redis.call ('DEL', 'counts:batch:' .. ARGV[1])
redis.call ('LREM', 'counts:batches', 1, ARGV[1])
return 1
