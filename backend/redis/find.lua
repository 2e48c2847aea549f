-- SPDX-License-Identifier: GPL-2.0-or-later
-- A live session by its secret's hash or by a token of it valid now, its outbox behind it when
-- asked for by id (whose first token may be known); nil: there is none.
local kind, name, first = ARGV[1], ARGV[2], ARGV[3]
local call = redis.call
local time = call ('TIME')
local now = time[1] * 1000000 + time[2]

if kind == 'tok' then
  local text = call ('GET', 'tok:' .. name)
  if not text then return false end
  first = text:sub (33)
  -- The first token names the session for the whole of its life.
  if first ~= name
     and (tonumber (text:sub (1, 16)) > now or tonumber (text:sub (17, 32)) <= now) then
    return false
  end
elseif not first or first == '' then
  first = call ('GET', kind .. ':' .. name)
  if not first then return false end
end

local found = call ('HMGET', 'session:' .. first, 'core', 'seq', 'labels', 'interest_categories',
                    'key')
local core = found[1]
if not core or kind == 'id' and core:sub (70, 105) ~= name then return false end
local remaining = tonumber (core:sub (1, 16)) - now
if remaining <= 0 then return false end
local info = { core:sub (70, 105), first, core:sub (17, 48), math.floor (remaining / 1000), found[2],
               tonumber (core:sub (65, 69)), (#core - 105) / 16, found[3], found[4],
               found[5], call ('LLEN', 'outbox:' .. core:sub (70, 105)) }
if kind == 'id' then return { info, call ('LRANGE', 'outbox:' .. name, 0, -1) } end
return info
