-- running -> succeeded | failed | cancelled.
-- ARGV: job id, fence, state, retention, history offset, history rows, model, checkpoint, field, value, ...
local id, fence, state, retention = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
-- Sent again after a lost answer, it is done already.
if get(id, 'fence') == fence and get(id, 'state') == state then return 1 end
if not holds(id, fence) then return 0 end
write_history(id, ARGV[5], ARGV[6])
if ARGV[7] ~= '' then redis.call('SET', model_stem .. id, ARGV[7]) end
if ARGV[9] then set(id, unpack(ARGV, 9)) end
finish(id, 'running', state, retention)
if ARGV[8] ~= '' then redis.call('SET', checkpoint_stem .. id, ARGV[8]) end
return 1
