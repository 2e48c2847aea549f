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

local found = call ('HMGET', 'session:' .. first, 'session_id', 'core', 'seq', 'interests_hash',
                    'labels', 'interest_categories')
if not found[1] or kind == 'id' and found[1] ~= name then return false end
local core = found[2]
local remaining = tonumber (core:sub (1, 16)) - now
if remaining <= 0 then return false end
local info = { found[1], first, core:sub (17, 48), math.floor (remaining / 1000), found[3],
               tonumber (core:sub (65)), #found[4] / 16, found[5], found[6] }
if kind == 'id' then return { info, call ('LRANGE', 'outbox:' .. name, 0, -1) } end
return info
