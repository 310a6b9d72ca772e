-- ARGV: dataset id, head, body, retention, idempotency key ('' = none), its digest, its seconds. Answers the record.
local id, key, digest = ARGV[1], ARGV[5], ARGV[6]
local refusal = refused(key, digest)
if refusal then return refusal end
add_dataset(id, ARGV[2], ARGV[3], tonumber(ARGV[4]))
bind(key, digest, id, ARGV[7])
return redis.call('HGETALL', dataset_stem .. id)
