-- Answers what an operator watches: jobs by state, the oldest queued job's time of acceptance, the broker's list, now.
-- ARGV: the broker's list, then the counters wanted.
local first = redis.call('ZRANGE', queued, 0, 0)[1]
return {
    redis.call('ZCARD', queued), redis.call('ZCARD', running), redis.call('ZCARD', succeeded),
    redis.call('ZCARD', failed), redis.call('ZCARD', cancelled),
    first and get(first, 'created_at') or false, redis.call('LLEN', ARGV[1]), text(now),
    redis.call('HMGET', counters, unpack(ARGV, 2)),
}
