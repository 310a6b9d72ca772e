-- A request with an idempotency key came to nothing: the key may be used again. ARGV: key, who began.
local found = redis.call('HMGET', replay_stem .. ARGV[1], 'owner', 'made')
if found[1] == ARGV[2] and not found[2] then redis.call('DEL', replay_stem .. ARGV[1]) end
