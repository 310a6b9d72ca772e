-- none -> queued; answers the record and its place in the queue.
-- ARGV: job id, dataset id, dataset head ('' = it is there already), dataset body, other datasets, retention,
-- idempotency key ('' = none), its digest, its seconds, broker's list, hint, field, value, ...
local id, dataset, head, body, uses, retention = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local key, digest, seconds, broker, hint = ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11]
local refusal = refused(key, digest)
if refusal then return refusal end
if redis.call('EXISTS', job_stem .. id) == 1 then return 'exists' end
for used in (uses .. (head == '' and ' ' .. dataset or '')):gmatch('%S+') do
    if redis.call('EXISTS', dataset_stem .. used) == 0 then return {'no_dataset', used} end
end
local place = redis.call('INCR', sequence)
if head ~= '' then add_dataset(dataset, head, body, retention) end
set(id, 'id', id, 'state', 'queued', 'dataset', dataset, 'uses', uses, 'created_at', text(now), 'sequence', place,
    'attempt', 0, 'fence', 0, 'leases_lost', 0, unpack(ARGV, 12))
set(id, 'first_progress', get(id, 'progress'), 'first_warnings', get(id, 'warnings'))
for used in datasets_of(id) do
    redis.call('SADD', users_stem .. used, id)
    keep_dataset(used, retention)
end
redis.call('ZADD', jobs, place, id)
redis.call('ZADD', queued, place, id)
for _, label in ipairs(label_keys(id)) do redis.call('ZADD', label, place, id) end
bind(key, digest, id, seconds)
redis.call('LPUSH', broker, hint)
return {redis.call('HGETALL', job_stem .. id), redis.call('ZRANK', queued, id)}
