-- none -> queued; answers the record and its place in the queue.
-- ARGV: job id, dataset id, dataset document ('' = it is there already), retention, broker's list, hint, field, value, ...
local id, dataset, document, retention, broker, hint = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6]
if redis.call('EXISTS', job_stem .. id) == 1 then return 'exists' end
if document ~= '' then add_dataset(dataset, document, retention)
elseif redis.call('EXISTS', dataset_stem .. dataset) == 0 then return 'no_dataset'
else keep_dataset(dataset, retention) end
local place = redis.call('INCR', sequence)
set(id, 'id', id, 'state', 'queued', 'dataset', dataset, 'created_at', text(now), 'sequence', place,
    'attempt', 0, 'fence', 0, 'leases_lost', 0, unpack(ARGV, 7))
set(id, 'first_progress', get(id, 'progress'))
redis.call('SADD', users_stem .. dataset, id)
redis.call('ZADD', jobs, place, id)
redis.call('ZADD', queued, place, id)
redis.call('LPUSH', broker, hint)
return {redis.call('HGETALL', job_stem .. id), redis.call('ZRANK', queued, id)}
