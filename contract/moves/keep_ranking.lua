-- What the jobs of a sweep that has ended came to stays with its record. ARGV: sweep id, JSON.
local key = sweep_stem .. ARGV[1]
if terminal(redis.call('HGET', key, 'state')) then redis.call('HSET', key, 'ranking', ARGV[2]) end
