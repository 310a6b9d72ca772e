-- none -> queued: a sweep and all its jobs, which share their datasets; answers what look_at_sweep does.
-- ARGV: sweep id, dataset id, dataset head ('' = it is there already), dataset body, other datasets, retention,
-- idempotency key ('' = none), its digest, its seconds, broker's list, names of jobs' fields to answer as JSON, how many
-- arguments the sweep's fields are, and each job; the sweep's field, value, ...; of each job its id, hint, field, ...
local sweep, dataset, head, body, uses, retention = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local key, digest, seconds, broker = ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local first, each = 14 + tonumber(ARGV[12]), tonumber(ARGV[13])
local refusal = refused(key, digest) or lacking(dataset, head, uses)
if refusal then return refusal end
local place = redis.call('INCR', sequence)
if head ~= '' then add_dataset(dataset, head, body, retention) end
redis.call('HSET', sweep_stem .. sweep, 'id', sweep, 'state', 'queued', 'created_at', text(now), 'sequence', place,
    unpack(ARGV, 14, first - 1))
redis.call('ZADD', sweeps, place, sweep)
for k = first, #ARGV, each do
    accept(ARGV[k], dataset, uses, retention, unpack(ARGV, k + 2, k + each - 1))
    redis.call('LPUSH', broker, ARGV[k + 1])
end
bind(key, digest, sweep, seconds)
return look_at_sweep(sweep, cjson.decode(ARGV[11]))
