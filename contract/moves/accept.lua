-- none -> queued; answers the record and its place in the queue.
-- ARGV: job id, dataset id ('' = none), dataset head ('' = it is there already), dataset body, other datasets, retention,
-- idempotency key ('' = none), its digest, its seconds, broker's list, hint, the job that this one
-- continues ('' = none), its state, most jobs that may continue it, field, value, ...
local id, dataset, head, body, uses, retention = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local key, digest, seconds, broker, hint = ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11]
local parent, state, most = ARGV[12], ARGV[13], tonumber(ARGV[14])
local refusal = refused(key, digest) or barren(parent, most) or lacking(dataset, head, uses)
if refusal then return refusal end
if redis.call('EXISTS', job_stem .. id) == 1 then return 'exists' end
if head ~= '' then add_dataset(dataset, head, body, retention) end
accept(id, dataset, uses, retention, unpack(ARGV, 15))
if parent ~= '' then continue_job(id, parent, state) end
bind(key, digest, id, seconds)
redis.call('LPUSH', broker, hint)
return {redis.call('HGETALL', job_stem .. id), redis.call('ZRANK', queued, id)}
