-- SPDX-License-Identifier: GPL-2.0-or-later
-- May this request be done? 0 yes, now it is yours; 1 somebody is at it; 3 its key was used for
-- something else; else the sealed answer.
local caller, claim, body = ARGV[1], ARGV[2], ARGV[3]
local call = redis.call
local time = call ('TIME')
local now = time[1] * 1000000 + time[2]
local key = 'idem:' .. caller .. ':' .. claim
local found = call ('HMGET', key, 'until', 'body', 'answer')

if found[1] and tonumber (found[1]) > now then
  if found[2] ~= body then return 3 end
  return found[3] or 1
end
call ('DEL', key)
call ('HSET', key, 'until', now + @CLAIM_US@, 'body', body)
call ('PEXPIRE', key, @CLAIM_US@ / 1000)
if caller ~= '' then
  local claims = 'idem:' .. caller
  call ('ZADD', claims, now, claim)
  call ('EXPIRE', claims, @SESSION_S@)
  if call ('ZCARD', claims) > @CLAIMS_MAX@ then
    call ('DEL', claims .. ':' .. call ('ZPOPMIN', claims)[1])
  end
end
return 0
