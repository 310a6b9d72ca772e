-- ARGV: worker id, document ('' = the worker leaves).
local id, document = ARGV[1], ARGV[2]
if document == '' then
    redis.call('ZREM', presence, id)
    redis.call('HDEL', workers, id)
else
    redis.call('ZADD', presence, now, id)
    redis.call('HSET', workers, id, document)
end
