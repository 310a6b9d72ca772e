-- running -> queued | failed | cancelled for every lease that ran out; then tells which hints are missing.
-- ARGV: seconds that Redis must have been up, leases that may be lost, the broker's list, retention, limit, error.
local uptime, patience, broker, retention, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), ARGV[5]
local up = tonumber(redis.call('INFO', 'server'):match('uptime_in_seconds:(%d+)'))
-- An outage of Redis silences every worker at once: none of them is lost, so none loses its lease for it.
local expired = up >= uptime and redis.call('ZRANGEBYSCORE', leases, '-inf', text(now), 'LIMIT', 0, limit) or {}
for _, id in ipairs(expired) do
    local lost = redis.call('HINCRBY', job_stem .. id, 'leases_lost', 1)
    redis.call('HINCRBY', counters, 'rescues', 1)
    if get(id, 'cancel') then
        finish_cancelled(id, 'running', retention)
    elseif lost >= patience then
        set(id, 'error', ARGV[6])
        finish(id, 'running', 'failed', retention)
    else requeue(id) end
end
local silent = redis.call('ZRANGEBYSCORE', presence, '-inf', text(now - uptime))
for _, worker in ipairs(silent) do
    redis.call('ZREM', presence, worker)
    redis.call('HDEL', workers, worker)
end
local missing = redis.call('ZCARD', queued) - redis.call('LLEN', broker)
local unhinted = missing > 0 and redis.call('ZRANGE', queued, 0, math.min(missing, tonumber(limit)) - 1) or {}
return {expired, unhinted}
