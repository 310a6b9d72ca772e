-- Every job of a sweep that has not ended is cancelled, or asked to stop. ARGV: sweep id, retention.
-- Answers the state found.
local sweep, retention = ARGV[1], tonumber(ARGV[2])
local state = redis.call('HGET', sweep_stem .. sweep, 'state')
if not state or terminal(state) then return state end
redis.call('HSET', sweep_stem .. sweep, 'cancel', 1)
for _, id in ipairs(redis.call('ZRANGE', sweep_jobs_stem .. sweep, 0, -1)) do cancel(id, retention) end
return state
