-- A request with an idempotency key begins; answers what the key made, or why it must not go on, or 'go_on'.
-- ARGV: key, digest, who begins, seconds that the mark lasts.
local name, digest, owner, seconds = replay_stem .. ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local found = redis.call('HMGET', name, 'digest', 'made')
if found[1] and found[1] ~= digest then return 'mismatch' end
if found[2] then return {'made', found[2]} end
if found[1] then return 'in_flight' end
redis.call('HSET', name, 'digest', digest, 'owner', owner)
redis.call('EXPIRE', name, seconds)
return 'go_on'
