-- SPDX-License-Identifier: GPL-2.0-or-later
-- For each session id and number: drops what is acknowledged from the outbox, and remembers of each
-- pair that this side was told, so that no later session of the opening is told again. 0: there is
-- no such session, else 1.
-- The end of the session is that of its key here: nothing is lost by an act that late.
local call = redis.call

-- An older one than all that wait: what was taken goes back, for as long as the session lasts.
local function put_back (outbox, id, entry)
  local first = call ('GET', 'id:' .. id)
  local core = first and call ('HGET', 'session:' .. first, 'core')
  if not core then return end
  call ('LPUSH', outbox, entry)
  call ('PEXPIREAT', outbox, math.ceil (tonumber (core:sub (1, 16)) / 1000))
end

-- The pair's own expiry stays. One that lapsed is not made again.
local function note_told (pair, side)
  if call ('SETRANGE', 'nudged:' .. pair, 16 + side, '1') < @NUDGED_CHARS@ then
    call ('DEL', 'nudged:' .. pair)
  end
end

local results = {}
for i = 1, #ARGV, 2 do
  local id, seq = ARGV[i], tonumber (ARGV[i + 1])
  local outbox = 'outbox:' .. id
  local entry = call ('LPOP', outbox)
  if not entry and call ('EXISTS', 'id:' .. id) == 0 then
    results[#results + 1] = 0
  else
    results[#results + 1] = 1
  end
  while entry do
    local number, pair, side = entry:match ('^(%d+) (%x+) (%d)')
    number = tonumber (number)
    if number > seq then
      put_back (outbox, id, entry)
      break
    end
    note_told (pair, side)
    entry = number < seq and call ('LPOP', outbox)
  end
end
return results
