-- ARGV: dataset id, document, retention. Answers the record.
local id = ARGV[1]
add_dataset(id, ARGV[2], tonumber(ARGV[3]))
return redis.call('HGETALL', dataset_stem .. id)
