-- SPDX-License-Identifier: GPL-2.0-or-later
-- Drops what is acknowledged from an outbox, and remembers of each pair that this side was told,
-- so that no later session of the opening is told again; nil: no such session.
-- The end of the session is that of its key here: nothing is lost by an act that late.
local id, first, seq = ARGV[1], ARGV[2], tonumber (ARGV[3])
local call = redis.call
if first == '' then first = call ('GET', 'id:' .. id) end
local session = call ('HMGET', 'session:' .. (first or ''), 'session_id', 'core')
if session[1] ~= id then return false end
local core = session[2]

local outbox = 'outbox:' .. id
local own = core:sub (17, 48)
local n_told = 0
for _, entry in ipairs (call ('LRANGE', outbox, 0, -1)) do
  local number, peer = entry:match ('^(%d+) (%x+)')
  if tonumber (number) > seq then break end
  n_told = n_told + 1
  local is_smaller = own < peer
  local pair = 'nudged:' .. (is_smaller and own .. peer or peer .. own)
  local text = call ('GET', pair)
  if text then
    local told = is_smaller and text:sub (1, 16) .. '1' .. text:sub (18) or text:sub (1, 17) .. '1'
    call ('SET', pair, told, 'KEEPTTL')
  end
end
if n_told > 0 then call ('LTRIM', outbox, n_told, -1) end
return 1
